import { realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type CopyOptions, copyTree, ProtocolError } from './copy-tree'

// `rsync [options] SOURCE… [user@]HOST:PATH`: the copies from one Spark to another. Both lie in one folder here, so it logs
// in over there to be refused or let in as ssh decides, and then writes there itself at the speed of the link.
const withValue = new Set(['-e', '--rsh', '--exclude', '--partial-dir', '--timeout'])
const { options, values, words } = read(process.argv.slice(2))
process.exitCode = await rsync()

async function rsync(): Promise<number> {
  const target = /^([^:/]+):(.*)$/.exec(words.pop() ?? '')
  if (!target || words.length === 0) return fails('rsync error: only copies to another host are known here (code 1)', 1)
  const [, to = '', path = ''] = target
  const there = enter(to, path)
  if (typeof there !== 'string') return there.code
  console.log('sending incremental file list')
  const copy: CopyOptions = {
    excluded: values.filter(([name]) => name === '--exclude').map(([, value]) => value),
    partial: values.find(([name]) => name === '--partial-dir')?.[1] ?? null,
    sizeOnly: options.has('--size-only'),
    followed:
      options.has('--copy-links') || options.has('-L') ? 'all' : options.has('--copy-unsafe-links') ? 'unsafe' : 'none',
  }
  try {
    for (const source of words) {
      // A slash at its end means what is in it, none means it itself.
      if (source.endsWith('/')) await copyTree(source.slice(0, -1), there, copy)
      else if (statSync(source).isDirectory()) await copyTree(source, join(there, basename(source)), copy)
      console.log(basename(source))
    }
    return 0
  } catch (error) {
    if (error instanceof ProtocolError) return fails(error.message, error.code)
    return fails(
      `rsync: [sender] ${(error as Error).message}\nrsync error: some files could not be transferred (code 23)`,
      23,
    )
  }
}

/** Logs in and makes the folder; where it really is. */
function enter(to: string, path: string): string | { code: number } {
  const way = values.find(([name]) => name === '-e' || name === '--rsh')?.[1] ?? 'ssh'
  const [program = 'ssh', ...before] = way.split(/\s+/)
  const quoted = `'${path.replaceAll("'", "'\\''")}'`
  const make = `mkdir -p -- ${quoted} && cd -- ${quoted} && pwd -P`
  const { stdout, stderr, exitCode } = Bun.spawnSync([program, ...before, to, make], { stderr: 'pipe' })
  if (exitCode === 0) return realpathSync(String(stdout).trim())
  process.stderr.write(String(stderr))
  return { code: fails(`rsync error: unexplained error (code ${exitCode}) at io.c(232) [sender=3.2.7]`, exitCode) }
}

function read(argv: string[]) {
  const found = { options: new Set<string>(), values: [] as [string, string][], words: [] as string[] }
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    const [, name = '', value = ''] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? []
    if (name !== '') found.values.push([name, value])
    else if (withValue.has(word)) found.values.push([word, argv[++index] ?? ''])
    else if (word.startsWith('-')) found.options.add(word)
    else found.words.push(word)
  }
  return found
}

function fails(text: string, code: number): number {
  console.error(text)
  return code
}
