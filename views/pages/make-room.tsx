/** @jsxImportSource #jsx */
import { estimate } from '../format/duration'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { closedBy } from '../parts/closed'
import { InUse } from '../parts/in-use'
import { recipeName } from '../parts/swap-words'

/** A swap that fits only once models of other services have ended. */
export interface RoomQuestion {
  recipe: string
  service: string
  /** What ends, the service's own model included. */
  ends: { service: string; model: string }[]
  /** Seconds that it usually takes. */
  eta_s: number
}

/** The question before a swap that ends models of other services. */
export function makeRoomPage(question: RoomQuestion, data: PageData): Html {
  const { recipe, service, ends, eta_s: eta } = question
  const name = recipeName(recipe, data)
  const title = `End other models to load ${name}?`
  const closed = closedBy(data)
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <section class="panel" aria-labelledby="question">
          <h1 id="question">{title}</h1>
          <p>There is not enough memory for it beside what is loaded. These end first:</p>
          <ul class="plain">
            {ends.map((each) => (
              <li>
                <strong>{recipeName(each.model, data)}</strong> on {titleOf(each.service, data)}
                <InUse services={[each.service]} data={data} />
              </li>
            ))}
          </ul>
          <p>
            {name} takes {estimate(eta)} to load. If that fails, what ended is loaded again.
          </p>
          {closed && <p class="notice">{closed}</p>}
          <div class="answers">
            <form method="post" action="/ui/swap">
              <input type="hidden" name="recipe" value={recipe} />
              <input type="hidden" name="service" value={service} />
              <input type="hidden" name="make_room" value="true" />
              <button type="submit" disabled={closed !== null}>
                End {ends.length === 1 ? 'it' : 'them'} and load {name}
              </button>
            </form>
            <a class="button quiet" href="/">
              Do nothing
            </a>
          </div>
        </section>
      </main>
    ),
  })
}

function titleOf(id: string, { slots }: PageData): string {
  return slots.find((slot) => slot.id === id)?.title ?? id
}
