import { join } from 'node:path'
import type { DeclaredKind } from '../core/config/cluster'
import { configSchema } from '../core/config/schema'
import { recipeSchema } from '../core/models/recipe-schema'
import { loadKinds } from '../handlers/kinds'
import { configPage } from './config-page'

const root = join(import.meta.dir, '..')

/** What is published from the schemas, for editors and for people, by path from the top of the project. */
export async function published(kinds: readonly DeclaredKind[], example: string): Promise<Record<string, string>> {
  const texts = {
    'docs/spark.config.schema.json': `${JSON.stringify(configSchema(kinds), null, 2)}\n`,
    'docs/recipe.schema.json': `${JSON.stringify(recipeSchema, null, 2)}\n`,
    'docs/CONFIG.md': configPage(kinds, example),
  }
  const formatted = Object.entries(texts).map(async ([path, text]) => [path, await format(path, text)] as const)
  return Object.fromEntries(await Promise.all(formatted))
}

/** As the formatter of the project prints it, so that `bun run format` leaves it alone. */
async function format(path: string, text: string): Promise<string> {
  const biome = join(root, 'node_modules/.bin/biome')
  const command = [biome, 'format', `--stdin-file-path=${path}`]
  const formatter = Bun.spawn(command, { cwd: root, stdin: new Blob([text]), stdout: 'pipe', stderr: 'pipe' })
  const [printed, complaint] = await Promise.all([
    new Response(formatter.stdout).text(),
    new Response(formatter.stderr).text(),
  ])
  if ((await formatter.exited) !== 0) throw new Error(`${path}: the formatter failed; ${complaint.trim()}`)
  return printed
}

if (import.meta.main) {
  const example = await Bun.file(join(root, 'spark.config.yaml')).text()
  for (const [path, text] of Object.entries(await published(await loadKinds(), example))) {
    await Bun.write(join(root, path), text)
    console.log(`wrote ${path}`)
  }
}
