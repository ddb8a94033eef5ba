import { cpus, loadavg, totalmem } from 'node:os'
import { version } from '../handlers/version'
import { nginxVersion } from './nginx'
import { portkeyVersion } from './portkey'

/** What a figure means nothing without: when, on what, with which versions, beside how much other work. */
export function surroundings(): Record<string, string> {
  const [processor] = cpus()
  return {
    date: new Date().toISOString().slice(0, 16),
    machine: `${cpus().length} cores of ${processor?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: loadavg()
      .map((each) => each.toFixed(1))
      .join(' '),
    versions: `spark-control ${version}, bun ${Bun.version}, ${nginxVersion() ?? 'no nginx'}, ${portkeyVersion}`,
  }
}
