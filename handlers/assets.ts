import { join } from 'node:path'
import { staticPlugin } from '@elysiajs/static'

const root = join(import.meta.dir, '..')

/**
 * The page's own few files, and htmx as its package ships it.
 * `alwaysStatic` is set because the plugin's other mode answers dot files and never 304.
 */
export async function assets() {
  const common = { alwaysStatic: true, maxAge: 0, directive: 'no-cache' as const }
  return [
    await staticPlugin({
      ...common,
      assets: join(root, 'views/assets'),
      prefix: '/assets',
      ignorePatterns: [/\.test\.ts$/],
    }),
    await staticPlugin({
      ...common,
      assets: join(root, 'node_modules/htmx.org/dist'),
      prefix: '/vendor',
      ignorePatterns: [/\.d\.ts$/, /skills/, /editors/],
    }),
  ]
}
