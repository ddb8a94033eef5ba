import { usualDocker } from './own-block'
import type { DockerSettings } from './recipe'
import type { Remark } from './recipe-reading'

/** The container settings of a sparkrun recipe; keys as it writes them. */
export type ExecutorConfig = Record<string, unknown>

const understood = [
  'auto_remove',
  'restart_policy',
  'privileged',
  'gpus',
  'ipc',
  'shm_size',
  'network',
  'user',
  'entrypoint',
]

/** What sparkrun would give `docker run`, as settings of ours, with a remark on each that has no place here. */
export function sparkrunDocker(config: ExecutorConfig): { docker: DockerSettings; remarks: Remark[] } {
  const remarks: Remark[] = []
  const note = (key: string, problem: string, remedy: string) =>
    remarks.push({ key: `executor_config.${key}`, problem, remedy, severity: 'note' })
  const text = (key: string, pattern: RegExp): string | null => {
    const value = config[key]
    if (value === undefined || value === null || value === '') return null
    if (pattern.test(String(value))) return String(value)
    note(key, `"${String(value).slice(0, 60)}" is not understood`, 'it is left out')
    return null
  }
  const ownShare = text('ipc', /^(host|private|shareable|none)$/) ?? 'host'
  const size = text('shm_size', /^[1-9]\d{0,8}(\.\d{1,3})?[bkmg]?b?$/i)
  const docker: DockerSettings = {
    ...usualDocker,
    // sparkrun hands its own command to whatever the image begins with; cleared, the command is what runs in every image.
    entrypoint: text('entrypoint', /^[A-Za-z0-9_/][A-Za-z0-9._/+-]{0,254}$/),
    shm: ownShare === 'host' ? null : (size ?? '10.24gb'),
    network: text('network', /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/) ?? usualDocker.network,
    privileged: config.privileged !== false,
    gpus: text('gpus', /^(all|\d{1,3}|device=[A-Za-z0-9,-]{1,64})$/) ?? usualDocker.gpus,
    user: text('user', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$/),
  }
  if (config.restart_policy) note('restart_policy', 'is left out', 'Spark Control itself sees to what runs')
  for (const key of Object.keys(config))
    if (!understood.includes(key)) note(key, 'is left out', 'nothing here does the same')
  return { docker, remarks }
}
