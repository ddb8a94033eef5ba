/** @jsxImportSource #jsx */
import type { Html } from '../html'
import { layout } from '../layout'
import type { FrameData } from '../page-data'

/** An error as a page: what happened in plain words and what to do. */
export function problemPage(problem: {
  status: number
  title: string
  text: string
  remedy: string
  data?: FrameData
}): Html {
  const { status, title, text, remedy, data } = problem
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <section class="panel">
          <p class="small">Error {status}</p>
          <h1>{title}</h1>
          <p>{text}</p>
          <p class="remedy">
            <strong>What to do:</strong> {remedy}
          </p>
          <p>
            <a href="/">Back to the overview</a>
          </p>
        </section>
      </main>
    ),
  })
}
