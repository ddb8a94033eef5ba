/** @jsxImportSource #jsx */
import type { PageData } from '../page-data'
import { NeedAction } from './need-action'
import { standing } from './standing'
import { Shape } from './state'

/** The first line of the page: that everything is fine, or what is not and what to do. */
export function statusPart(data: PageData) {
  const { tone, title, detail, needs } = standing(data)
  return (
    <section id="status" class={`status ${tone}`} role="status" aria-live="polite">
      <h1>
        <Shape tone={tone} /> {title}
      </h1>
      {detail && <p>{detail}</p>}
      {needs.length > 0 && (
        <ul class="needs">
          {needs.map((need) => (
            <li>
              <Shape tone={need.tone} />
              <div>
                <p>{need.text}</p>
                {need.remedy && <p class="remedy">{need.remedy}</p>}
                {need.link && <a href={need.link.href}>{need.link.words}</a>}
                {need.action && <NeedAction {...need.action} />}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
