/**
 * A shell function: `part SKIP TAKE HOMES WORD…` becomes the program of TAKE words after SKIP others, in the first HOMES
 * of which a leading `~/` is the home. A mount of the usual Hugging Face cache follows `HF_HOME`, as in launch-cluster.sh.
 */
export const part = `
part() {
  skip=$1 take=$2 homes=$3; shift 3
  shift "$skip"
  rest=$(($# - take)) taken=0
  while [ "$taken" -lt "$take" ]; do
    word=$1; shift
    [ "$taken" -ge "$homes" ] || case $word in
      "~/.cache/huggingface:"*) word="\${HF_HOME:-$HOME/.cache/huggingface}\${word#"~/.cache/huggingface"}" ;;
      "~/"*) word="$HOME/\${word#"~/"}" ;;
    esac
    set -- "$@" "$word"
    taken=$((taken + 1))
  done
  shift "$rest"
  exec "$@"
}
`

// A non-interactive shell has no ~/.local/bin on its PATH. The words come by standard input: among a shell's arguments
// `pgrep -f` would find them, and never say that a server is gone.
const script = `${part}
PATH="$HOME/.local/bin:$PATH"; export PATH
set --
while IFS= read -r word; do set -- "$@" "$word"; done
part 0 "$#" "$#" "$@" </dev/null
`

/**
 * The command, with its input, that runs an argument list on a Spark with a leading `~/` of its words as the home.
 * @throws {TypeError} on a line break beside such a word
 */
export function atHome(argv: readonly string[]): { argv: string[]; input?: string } {
  if (!argv.some((word) => word.startsWith('~/'))) return { argv: [...argv] }
  if (argv.some((word) => word.includes('\n')))
    throw new TypeError('command: an argument holds a line break; remove it')
  return { argv: ['sh', '-c', script, 'spark-control-home'], input: argv.map((word) => `${word}\n`).join('') }
}
