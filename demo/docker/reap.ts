import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Container, type ContainerState, json } from './container'
import { finish } from './lifecycle'
import { restart } from './restart'

// The shim's last act: `reap.ts <container directory> <exit code>`.
const [directory = '', code = '0'] = process.argv.slice(2)
const container = JSON.parse(readFileSync(join(directory, 'container.json'), 'utf8')) as Container
const host = dirname(dirname(dirname(directory)))
await started()
if (finish(container, Number(code), host)) await restart(container, host)

/** A process may end before the command that started it has written down that it runs. */
async function started() {
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'))
  const known = () => json<ContainerState>(join(directory, 'state.json'))?.pid === pid
  for (let looks = 0; looks < 400 && !known(); looks++) await Bun.sleep(5)
}
