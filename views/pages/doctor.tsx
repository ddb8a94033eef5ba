/** @jsxImportSource #jsx */
import type { Check } from '../../core/doctor/check'
import type { Report } from '../../core/doctor/doctor'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { CopyLine } from '../parts/copy'
import { Shape } from '../parts/state'
import { Ago } from '../parts/when'

/** What an examination found, wrong things first; without a report the page says that it examines and fetches it. */
export function doctorPage(report: Report | null, data: PageData): Html {
  return layout({
    title: 'Doctor',
    data,
    path: '/ui/doctor',
    children: (
      <main id="main" tabindex={-1}>
        <h1>Doctor</h1>
        <p>Looks at every Spark and service, and says what is wrong and how to mend it. It changes nothing.</p>
        {report ? doctorReport(report, data) : examining}
      </main>
    ),
  })
}

/** The report alone, as it replaces the note that it is being made. */
export function doctorReport(report: Report, data: PageData): Html {
  const subjects = [...new Set(report.checks.map(({ subject }) => subject))]
  const groups = subjects.map((subject) => ({
    subject,
    checks: report.checks.filter((each) => each.subject === subject),
  }))
  const wrongs = report.checks.filter(({ ok }) => ok === false).length
  const tone = wrongs > 0 ? 'bad' : 'ok'
  return (
    <div id="report" class="report">
      <section class={`status ${tone}`} role="status">
        <h2>
          <Shape tone={tone} />{' '}
          {wrongs === 0 ? 'Nothing is wrong' : `${wrongs} ${wrongs === 1 ? 'thing' : 'things'} to mend`}
        </h2>
        <p>
          Examined <Ago time={report.seen_at} now={data.now} />. {report.checks.filter(({ ok }) => ok).length} of{' '}
          {report.checks.length} checks are right.
        </p>
      </section>
      <form method="get" action="/ui/doctor">
        <button type="submit" class="quiet" name="fresh" value="true">
          Examine again
        </button>
      </form>
      {groups.toSorted((a, b) => troubles(b.checks) - troubles(a.checks)).map((group) => subjectPanel(group, data))}
    </div>
  )
}

const examining: Html = (
  <div id="report" class="report" hx-get="/ui/doctor/report" hx-trigger="load" hx-swap="outerHTML">
    <section class="status busy" role="status">
      <h2>
        <Shape tone="busy" /> Examining…
      </h2>
      <p>Every Spark is being asked. This takes a few seconds.</p>
    </section>
    <p>
      <a href="/ui/doctor?wait=true">Show it when it is ready</a>
    </p>
  </div>
)

function subjectPanel({ subject, checks }: { subject: string; checks: Check[] }, data: PageData): Html {
  const right = checks.filter(({ ok }) => ok === true)
  const rest = checks
    .filter(({ ok }) => ok !== true)
    .toSorted((a, b) => Number(b.ok === false) - Number(a.ok === false))
  const id = subject.replace(':', '-')
  return (
    <section class="panel" aria-labelledby={`doctor-${id}`}>
      <header>
        <h2 id={`doctor-${id}`}>{titleOf(subject, data)}</h2>
        {rest.length === 0 && (
          <span class="state ok">
            <Shape tone="ok" /> All right
          </span>
        )}
      </header>
      {rest.length > 0 && <ul class="checks">{rest.map((check, index) => trouble(check, `${id}-${index}`))}</ul>}
      {right.length > 0 && (
        <details>
          <summary>
            {right.length} {right.length === 1 ? 'check is' : 'checks are'} right
          </summary>
          <ul class="checks">
            {right.map(({ text }) => (
              <li>
                <Shape tone="ok" />
                <p>{text}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function trouble({ ok, text, remedy, command }: Check, id: string): Html {
  const words = command === null ? remedy : remedy?.slice(0, remedy.length - command.length)
  return (
    <li>
      <Shape tone={ok === false ? 'bad' : 'unknown'} />
      <div class="about">
        <p>{text}</p>
        {words && (
          <p class="remedy">
            <strong>What to do:</strong> {words}
          </p>
        )}
        {command !== null && <CopyLine id={`remedy-${id}`} text={command} label="Command" />}
      </div>
    </li>
  )
}

function titleOf(subject: string, { cluster }: PageData): string {
  const [kind = '', id = ''] = subject.split(':')
  const found = (kind === 'host' ? cluster.hosts : cluster.services).find((each) => each.id === id)
  return found?.title ?? id
}

function troubles(checks: Check[]): number {
  return checks.filter(({ ok }) => ok === false).length * 1000 + checks.filter(({ ok }) => ok === null).length
}
