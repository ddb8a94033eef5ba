/** @jsxImportSource #jsx */
import type { PageData } from '../page-data'
import { recipeName } from './swap-words'
import { Lasting } from './when'

/** Models that are not loaded and that requests wait for; an empty block where none wait. */
export function queuePart(data: PageData) {
  if (data.queues.length === 0) return <section id="queue" hidden />
  return (
    <section id="queue" class="panel" aria-labelledby="queue-title">
      <h2 id="queue-title">Waiting requests</h2>
      <ul class="rows">
        {data.queues.map(({ recipe, waiting, since, reason }) => (
          <li>
            <p>
              {waiting} {waiting === 1 ? 'request waits' : 'requests wait'} for{' '}
              <strong>{recipeName(recipe, data)}</strong>, {waiting > 1 && 'the first '}since{' '}
              <Lasting since={since} now={data.now} />.
            </p>
            {reason && <p class="small">{`${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
