import { controlPlane } from '../../commands/serve'
import { jsonLog } from '../../core/log'
import type { Runtime } from '../../core/runtime'
import { loadKinds } from '../../handlers/kinds'
import { type Diary, diary } from './diary'
import type { Lab } from './lab'

/** The whole control plane on a lab, in this process. */
export interface Plane extends Diary {
  readonly runtime: Runtime
  stop(): Promise<void>
}

/** Starts it on a free port and notes what it publishes; the caller stops it. */
export async function labPlane({ configPath: config, data }: Lab): Promise<Plane> {
  const kinds = await loadKinds()
  const plane = await controlPlane({ config, data, port: 0, kinds, log: jsonLog(() => {}) })
  const noted = diary(plane.server.url)
  return {
    ...noted,
    get runtime() {
      return plane.runtime
    },
    async stop() {
      noted.close()
      await plane.stop()
    },
  }
}
