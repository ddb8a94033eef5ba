/** @jsxImportSource #jsx */
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { Ago, Clock } from '../parts/when'

/** The question before somebody else's lock is released. */
export function releaseLockPage(data: PageData): Html {
  const { holder, reason, expires_at: ends } = data.cluster.lock
  const title = holder === null ? 'Nobody holds the lock' : `Release the lock of ${holder}?`
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <section class="panel" aria-labelledby="question">
          <h1 id="question">{title}</h1>
          {holder === null ? (
            <p>It has ended or was given back. Models can be swapped.</p>
          ) : (
            <>
              {reason && <p>It took the lock for this: {reason}</p>}
              {ends && (
                <p>
                  By itself it would end at <Clock time={ends} /> (<Ago time={ends} now={data.now} />
                  ).
                </p>
              )}
              <p>
                {holder} relies on it that the model does not change until then. If you release the lock, anybody can
                swap at once; {holder} is told at its next step that it has lost the lock, and its work may fail. The
                model that is loaded now stays loaded. The release is recorded in the activity.
              </p>
            </>
          )}
          <div class="answers">
            {holder !== null && (
              <form method="post" action="/ui/lock/release">
                <input type="hidden" name="holder" value={holder} />
                <button type="submit" class="danger">
                  Release the lock
                </button>
              </form>
            )}
            <a class="button quiet" href="/">
              {holder === null ? 'Back to the overview' : 'Leave it'}
            </a>
          </div>
        </section>
      </main>
    ),
  })
}
