import { type Clock, systemClock } from '../clock'
import type { Change } from '../cluster/observed'
import type { Host } from '../config/cluster'
import type { WebhookType } from '../config/webhook-types'
import type { JobView } from '../jobs/job'
import type { Store } from '../store/store'
import { anonymous } from './anonymous'
import { onPurpose } from './on-purpose'
import type { Outbox } from './outbox'

export interface TellStatesOptions {
  outbox: Outbox
  store: Store
  hosts: readonly Host[]
  /** The newest jobs, and all that run. */
  jobs(): JobView[]
  clock?: Clock
  onError?(error: unknown): void
}

export interface TellStates {
  /** Takes in a change of state. */
  changed(change: Change): void
  /** Calls off what had not lasted long enough; a later look begins anew. */
  close(): void
}

// A state that does not last is no news.
const lastsMs = 2000
const againMs = 10_000
const mostCause = 300

/**
 * Tells when a host or service ceases to work or works again. What was told last is kept in the table `told_states`, so that
 * a restart neither repeats nor loses it; the first sight of a subject is no news, nor is what a job does on purpose.
 */
export function tellStates({
  outbox,
  store,
  hosts,
  jobs,
  clock = systemClock,
  onError = () => {},
}: TellStatesOptions): TellStates {
  const lasting = new Map<string, () => void>()
  /** Jobs that a service no longer keeps to: what it becomes next is news again. */
  const departed = new Map<string, string>()

  function changed(change: Change) {
    const { subject, to, at } = change
    const name = subjectName(subject)
    lasting.get(name)?.()
    lasting.delete(name)
    const works = worksIn(to)
    if (works === null) return
    const already = Math.max(0, clock.now() - at)
    wait(Math.max(0, lastsMs - already))

    function wait(ms: number) {
      const callOff = clock.after(ms, () => {
        lasting.delete(name)
        try {
          if (!settle(change, name, works === true)) wait(lastsMs)
        } catch (error) {
          // The disk may take it later.
          onError(error)
          wait(againMs)
        }
      })
      lasting.set(name, callOff)
    }
  }

  /** False: a job goes on that may yet end as this is; what it passes through is no news. */
  function settle(change: Change, name: string, works: boolean): boolean {
    const found = 'service' in change.subject ? onPurpose(jobs(), change.subject.service, change.at) : null
    const purpose = found?.job === departed.get(name) ? null : found
    if (purpose?.open && purpose.works !== works) return false
    const tell = store.transaction(() => {
      const told = store.query('SELECT works FROM told_states WHERE subject = $name').get({ name }) as {
        works: number
      } | null
      if (told?.works !== Number(works))
        store
          .query('INSERT OR REPLACE INTO told_states (subject, works) VALUES ($name, $works)')
          .run({ name, works: Number(works) })
      // What a job meant was told by its own end.
      const before = purpose?.works ?? (told && told.works === 1)
      if (told === null || before === works) return
      const { subject, at, to } = change
      const type: WebhookType = `${'service' in subject ? 'service' : 'host'}_${works ? 'up' : 'down'}`
      const data = { ...subject, state: to, since: new Date(at).toISOString(), cause: causeOf(change, hosts) }
      outbox.add(`${type}:${name}:${Math.round(at)}`, type, data, at)
    })
    tell()
    if (purpose && purpose.works === !works) departed.set(name, purpose.job)
    return true
  }

  return {
    changed,
    close() {
      for (const callOff of lasting.values()) callOff()
      lasting.clear()
    },
  }
}

function subjectName(subject: Change['subject']): string {
  return 'service' in subject ? `service:${subject.service}` : `host:${subject.host}`
}

const working = ['up', 'busy']
const broken = ['unreachable', 'unresponsive', 'refused', 'stopped', 'down', 'stalled']

/** Null: neither, as what is unknown, and what has only just been started. */
function worksIn(state: string): boolean | null {
  if (working.includes(state)) return true
  return broken.includes(state) ? false : null
}

function causeOf({ subject, cause }: Change, hosts: readonly Host[]): string | null {
  return cause === null ? null : anonymous(cause, hosts, subject.host).slice(0, mostCause)
}
