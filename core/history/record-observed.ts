import type { Change, ObservedOptions } from '../cluster/observed'
import type { StateChange } from './event'
import { hostFigures, serviceFigures } from './figures'
import type { History } from './history'

const monthMs = 30 * 24 * 3600_000

/** What of the observed state is recorded, for `observed()`. @param recording whether notices are to be noted now */
export function recordObserved(
  history: History,
  recording: () => boolean,
): Required<Pick<ObservedOptions, 'onChange' | 'onNotice' | 'sinceOf' | 'onFigures'>> {
  return {
    onChange: (change) => history.state(recorded(change)),
    onNotice: (notice) => recording() && history.note(notice),
    sinceOf(subject, state) {
      const last = history.states(subject, Date.now() - monthMs, Date.now()).at(-1)
      return last?.state === state ? last.from : null
    },
    onFigures: (figures) =>
      'host' in figures
        ? history.sample(`host:${figures.host.id}`, hostFigures(figures.host))
        : history.sample(`service:${figures.service}`, serviceFigures(figures.facts)),
  }
}

function recorded({ subject, ...change }: Change): StateChange {
  return 'service' in subject
    ? { ...change, ...subject, subject: `service:${subject.service}` }
    : { ...change, ...subject, service: null, subject: `host:${subject.host}` }
}
