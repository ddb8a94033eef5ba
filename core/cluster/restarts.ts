import type { Service } from '../config/cluster'
import type { ContainerEvent } from './containers'

/** Where a restart is written down. */
export interface RestartRecord {
  note(entry: { type: 'restart'; host: string; service: string; text: string }): void
}

const longestMs = 10 * 60_000

/** Sees a restart in a container's end and start, however short the time between, and records it. */
export function restarts(record: RestartRecord) {
  const ended = new Map<string, ContainerEvent>()

  return function happened(service: Service, host: string, event: ContainerEvent): void {
    const place = `${host} ${service.id}`
    if (event.action === 'die') ended.set(place, event)
    if (event.action !== 'start') return
    const end = ended.get(place)
    ended.delete(place)
    // Both times are the same Spark's own, so a clock that is wrong there does not matter.
    const downMs = end ? event.at - end.at : Number.POSITIVE_INFINITY
    if (!end || downMs < 0 || downMs > longestMs) return
    const code = end.exitCode === null ? '' : `, it had ended with ${end.exitCode}`
    record.note({
      type: 'restart',
      host,
      service: service.id,
      text: `container ${event.name} was restarted after ${downMs < 1000 ? `${Math.round(downMs)} ms` : `${Math.round(downMs / 1000)} s`}${code}`,
    })
  }
}
