import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { BunPlugin } from 'bun'

const root = join(import.meta.dir, '..')
const outfile = join(root, 'dist', 'spark-control')
// Files that the program reads by their place beside it.
const carried = ['views/assets', 'node_modules/htmx.org/dist', 'recipes']
// Modules that load every file of a folder when they run, and modules that read carried files.
const scanned = new Map([
  ['handlers/kinds.ts', 'handlers/services'],
  ['views/services/tiles.ts', 'views/services'],
])
const readers = ['handlers/assets.ts', 'commands/declared.ts']

/** A binary has no folders to look through: what would be found at run time is written into it as imports and files. */
const selfContained: BunPlugin = {
  name: 'self-contained',
  setup(build) {
    build.onLoad({ filter: /\/(kinds|tiles|assets|declared)\.ts$/ }, async ({ path }) => {
      const file = relative(root, path)
      const text = await Bun.file(path).text()
      const folder = scanned.get(file)
      if (folder !== undefined) return { contents: listed(file, folder, text), loader: 'ts' }
      return { contents: readers.includes(file) ? inside(file, text) : text, loader: 'ts' }
    })
  },
}

const staged = mkdtempSync(join(tmpdir(), 'spark-control-compile-'))
try {
  for (const folder of carried)
    cpSync(join(root, folder), join(staged, 'carried', folder), { recursive: true, dereference: true })
  await Bun.build({
    entrypoints: [join(root, 'main.ts')],
    target: 'bun',
    format: 'esm',
    minify: { syntax: true, whitespace: true },
    bytecode: true,
    plugins: [selfContained],
    compile: { outfile, assets: [join(staged, 'carried')] },
  })
  console.log(relative(process.cwd(), outfile))
} finally {
  rmSync(staged, { recursive: true })
}

function listed(file: string, folder: string, text: string): string {
  const names = readdirSync(join(root, folder)).filter(
    (name) => /^[a-z0-9-]+\.tsx?$/.test(name) && join(folder, name) !== file,
  )
  const from = relative(dirname(file), folder)
  const imports = names.map((name, at) => `import * as module${at} from './${join(from, name)}'`)
  const modules = `const modules = { ${names.map((name, at) => `'${name}': module${at}`).join(', ')} }`
  const changed = replaced(file, text, /(await readdir|readdirSync)\(\w+\)/, 'Object.keys(modules)')
  return [...imports, modules, replaced(file, changed, /await import\(join\(\w+, (\w+)\)\)/, 'modules[$1]')].join('\n')
}

function inside(file: string, text: string): string {
  return replaced(file, text, /import\.meta\.dir, '\.\.'/, "import.meta.dir, 'carried'")
}

function replaced(file: string, text: string, from: RegExp, to: string): string {
  if (!from.test(text)) throw new Error(`${file}: has no ${from.source}; bring scripts/compile.ts up to date`)
  return text.replace(from, to)
}
