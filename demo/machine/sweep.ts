import { rmSync } from 'node:fs'
import { killAll } from './processes'

// Started by the lifeline: `sweep.ts <cluster> [temporary folder]`.
const [cluster, temporary] = process.argv.slice(2)
if (cluster) killAll({ cluster })
if (temporary) rmSync(temporary, { recursive: true, force: true })
