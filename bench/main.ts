import { parseArgs } from 'node:util'
import { fit } from './fit'
import { history } from './history'
import { json } from './json'
import { memory } from './memory'
import { menu } from './menu'
import { type Report, table } from './report'
import { start } from './start'
import { manyStreams } from './streams'
import { surroundings } from './surroundings'
import { upload } from './upload'
import { watch } from './watch'

const benches: Record<string, (minutes: number) => Promise<Report>> = {
  json,
  streams: manyStreams,
  upload,
  start,
  memory,
  history,
  menu,
  fit,
  watch,
}
const usage = `usage: bench NAME [--json] [--minutes N]
names: ${Object.keys(benches).join(' ')}`

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { json: { type: 'boolean' }, minutes: { type: 'string', default: '1' } },
    allowPositionals: true,
  })
  const [name, ...more] = positionals
  const minutes = Number(values.minutes)
  const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined
  if (!bench || more.length > 0 || !(minutes > 0)) {
    console.log(usage)
    return name === undefined ? 0 : 2
  }
  try {
    const before = surroundings()
    const report = await bench(minutes)
    console.log(
      values.json
        ? JSON.stringify({ ...before, ...report })
        : `${table(report)}\n${Object.entries(before)
            .map(([key, value]) => `${key}: ${value}`)
            .join('\n')}`,
    )
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

process.exit(await main(process.argv.slice(2)))
