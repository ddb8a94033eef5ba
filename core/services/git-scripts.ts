// Every script gets the folder first; what it says of itself is its exit code.
const enter = `
dir=$1; shift
case $dir in "~/"*) dir="$HOME/\${dir#"~/"}" ;; "~") dir=$HOME ;; esac
cd "$dir" 2>/dev/null || exit 90
PATH="$HOME/.local/bin:$PATH"
`

// Nothing may ever wait for a person; a key that the checkout names itself (core.sshCommand) stays in use.
const git = `${enter}
command -v git >/dev/null 2>&1 || exit 91
LC_ALL=C GIT_TERMINAL_PROMPT=0
GIT_SSH_COMMAND="$(git config --get core.sshCommand || echo ssh) -o BatchMode=yes -o ConnectTimeout=10"
export PATH LC_ALL GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
git rev-parse --git-dir >/dev/null 2>&1 || { git rev-parse --git-dir 2>&1; exit 92; }
branch=$1
`

/** What went wrong before git did anything. */
export const gitScriptCodes = { noFolder: 90, noGit: 91, noCheckout: 92 }

const script = (name: string, text: string) => (folder: string, branch: string) => [
  'sh',
  '-c',
  text,
  `spark-control-git-${name}`,
  folder,
  branch,
]

/** Gets the commits of the branch; the checkout stays as it is. */
export const fetchCommand = script(
  'fetch',
  `${git}
git fetch --quiet origin "+refs/heads/$branch:refs/remotes/origin/$branch" 2>&1
`,
)

/**
 * Prints the branch checked out, HEAD, the commit that was applied last, how many commits are new, then those.
 * What runs when this is first asked counts as applied: an update that failed half-way is gone on with by the next.
 */
export const compareCommand = script(
  'compare',
  `${git}
applied=refs/spark-control/applied
git rev-parse -q --verify "$applied" >/dev/null || git update-ref "$applied" HEAD
new="HEAD..refs/remotes/origin/$branch"
git symbolic-ref -q --short HEAD || echo -
git rev-parse HEAD
git rev-parse "$applied"
git rev-list --count "$new"
git log --format='%h %s' -n 20 "$new"
`,
)

/** Moves the checkout forward, or leaves all as it is. */
export const mergeCommand = script(
  'merge',
  `${git}
git merge --quiet --ff-only "refs/remotes/origin/$branch" 2>&1
`,
)

/** Notes that what is checked out runs now. */
export const appliedCommand = script(
  'applied',
  `${git}
git update-ref refs/spark-control/applied HEAD
`,
)

/** Runs a declared program in the checkout, its errors among its output. */
export function inFolderCommand(folder: string, argv: readonly string[]): string[] {
  return ['sh', '-c', `${enter}export PATH\nexec "$@" 2>&1`, 'spark-control-in-folder', folder, ...argv]
}

/** The public keys of whoever is logged in. */
export function publicKeysCommand(): string[] {
  return ['sh', '-c', 'cat "$HOME"/.ssh/*.pub 2>/dev/null | head -c 8000', 'spark-control-public-keys']
}
