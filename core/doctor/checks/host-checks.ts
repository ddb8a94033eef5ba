import type { Check } from '../check'
import type { Examined } from '../examined'
import { cacheChecks } from './cache'
import { containerChecks } from './containers'
import { gpuChecks } from './gpu'
import { launcherChecks } from './launcher'
import { machineChecks } from './machine'
import { memoryChecks } from './memory'
import { networkChecks } from './network'
import { transcriberChecks } from './transcribers'

const checks = [
  containerChecks,
  launcherChecks,
  cacheChecks,
  gpuChecks,
  memoryChecks,
  networkChecks,
  machineChecks,
  transcriberChecks,
]

/** Everything that one host's own answers tell. */
export function hostChecks(examined: Examined): Check[] {
  return checks
    .flatMap((check) => check(examined))
    .map((verdict) => ({ ...verdict, subject: `host:${examined.host.id}` }))
}
