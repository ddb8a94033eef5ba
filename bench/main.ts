import { json } from './json'
import { memory } from './memory'
import { type Report, table } from './report'
import { start } from './start'
import { manyStreams } from './streams'
import { surroundings } from './surroundings'
import { upload } from './upload'

const benches: Record<string, () => Promise<Report>> = { json, streams: manyStreams, upload, start, memory }
const usage = `usage: bench NAME [--json]
names: ${Object.keys(benches).join(' ')}`

async function main(argv: string[]): Promise<number> {
  const [name, ...more] = argv.filter((word) => word !== '--json')
  const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined
  if (!bench || more.length > 0) {
    console.log(usage)
    return name === undefined ? 0 : 2
  }
  try {
    const before = surroundings()
    const report = await bench()
    console.log(
      argv.includes('--json')
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
