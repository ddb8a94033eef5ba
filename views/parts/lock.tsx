/** @jsxImportSource #jsx */
import type { PageData } from '../page-data'
import { Shape } from './state'
import { Ago, Clock } from './when'

/** Who alone may swap now, why and until when, with the way to end that; an empty block while nobody holds the lock. */
export function lockPart(data: PageData) {
  const { holder, reason, expires_at: ends } = data.cluster.lock
  if (holder === null) return <section id="lock" hidden />
  return (
    <section id="lock" class="panel" aria-labelledby="lock-title">
      <header>
        <h2 id="lock-title">
          <Shape tone="warning" /> Swaps are paused
        </h2>
        <a class="button quiet" href="/ui/lock/release">
          Release anyway…
        </a>
      </header>
      <p>
        <strong>{holder}</strong> holds the lock{reason && `: ${reason}`}. Until it ends, nobody else can change the
        model.
      </p>
      {ends && (
        <p>
          It ends at <Clock time={ends} /> (<Ago time={ends} now={data.now} />
          ), or when {holder} gives it back.
        </p>
      )}
    </section>
  )
}
