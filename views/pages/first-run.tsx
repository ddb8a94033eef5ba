/** @jsxImportSource #jsx */
import type { LookView } from '../../core/discovery/look-view'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { CopyLine } from '../parts/copy'
import { FoundSpark, WaitingSpark } from '../parts/spark-look'

/** What was typed into a form that could not be taken as it was, and why. */
export interface Refused {
  /** The form with the addresses, or the text of the configuration. */
  form: 'addresses' | 'config'
  problems: string[]
  addresses?: string
  user?: string
  config?: string
}

/** What a person sees before there is a valid configuration: from two addresses to a dashboard, one step at a time. */
export function firstRunPage(data: PageData, look: LookView, refused: Refused | null = null): Html {
  return layout({
    title: 'First steps',
    data,
    path: '/',
    children: (
      <main id="main" tabindex={-1}>
        <section class="status off" role="status">
          <h1>Spark Control does not know your Sparks yet</h1>
          <p>Three steps and this page becomes your dashboard.</p>
        </section>
        {problems(data.findings.filter(({ text }) => !isMissing(text)))}
        {look.hosts.length === 0 ? addresses(refused) : lookPart(look, refused)}
        {byHand(data)}
      </main>
    ),
  })
}

/** What was accepted is written; the browser comes back until the dashboard is there. */
export function acceptedPage(data: PageData): Html {
  return layout({
    title: 'First steps',
    data,
    path: '/',
    children: (
      <main id="main" tabindex={-1}>
        <section class="status busy" role="status">
          <h1>Accepted</h1>
          <p>
            Spark Control connects to your Sparks. <a href="/">The dashboard</a> comes in a moment.
          </p>
        </section>
      </main>
    ),
  })
}

/** The steps that follow the addresses; the page asks for them again by itself while a Spark has not let us in. */
export function lookPart(look: LookView, refused: Refused | null = null): Html {
  const waiting = look.config === null
  const poll = waiting ? { 'hx-get': '/ui/discover', 'hx-trigger': 'every 2s', 'hx-swap': 'outerMorph' } : {}
  return (
    <div id="look" class="report" {...poll}>
      {waiting ? letIn(look) : [whatWasFound(look), acceptance(look, refused)]}
      <form method="post" action="/ui/discover/forget">
        <button type="submit" class="quiet">
          Start over with other addresses
        </button>
      </form>
    </div>
  )
}

function problems(findings: PageData['findings']) {
  if (!findings.length) return null
  return (
    <section class="panel" aria-labelledby="findings-title">
      <h2 id="findings-title">
        {findings.length} {findings.length === 1 ? 'problem' : 'problems'} to mend
      </h2>
      <Problems lines={findings.map(({ text }) => text)} />
    </section>
  )
}

function Problems(props: { lines: string[] }) {
  return (
    <ul class="findings">
      {props.lines.map((line) => (
        <li>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  )
}

function addresses(refused: Refused | null): Html {
  return (
    <section class="panel" aria-labelledby="addresses-title">
      <h2 id="addresses-title">1. Where are your Sparks?</h2>
      {refused?.form === 'addresses' && (
        <p class="notice bad" role="alert">
          {refused.problems.join(' ')}
        </p>
      )}
      <form method="post" action="/ui/discover" class="fields">
        <label for="addresses">IP addresses, one a line</label>
        <textarea id="addresses" name="addresses" rows={3} required spellcheck="false" autocomplete="off">
          {refused?.addresses ?? ''}
        </textarea>
        <p class="small">
          Your router lists them, and so does <code>hostname -I</code> on each Spark. Another SSH port goes behind a
          colon.
        </p>
        <label for="user">User name on the Sparks</label>
        <input
          id="user"
          name="user"
          type="text"
          required
          value={refused?.user ?? ''}
          spellcheck="false"
          autocomplete="off"
        />
        <p class="small">The name you log in with there. It needs no sudo, only membership in the group docker.</p>
        <p>
          <button type="submit">Look at them</button>
        </p>
      </form>
    </section>
  )
}

function letIn(look: LookView): Html {
  const missing = look.hosts.filter(({ state }) => state !== 'found')
  const some = missing.length < look.hosts.length
  return (
    <section class="panel" aria-labelledby="key-title">
      <h2 id="key-title">2. Let Spark Control in</h2>
      <p>
        {missing.some(({ state }) => state === 'refused')
          ? 'Run this line on each Spark that asks for it, logged in as that user. Nothing else is needed: this page goes on by itself.'
          : 'Every Spark is being looked at. This page goes on by itself.'}
      </p>
      {missing.some(({ state }) => state === 'refused') && (
        <CopyLine id="key-line" text={look.line} label="SSH key line" />
      )}
      <ul class="sparks">
        {look.hosts.map((spark) => (
          <WaitingSpark spark={spark} />
        ))}
      </ul>
      {some && (
        <form method="post" action="/ui/discover/drop">
          <button type="submit" class="quiet">
            Go on without {missing.map(({ address }) => address).join(', ')}
          </button>
        </form>
      )}
      <p class="small">
        Nothing happens? <a href="/">Look again</a>.
      </p>
    </section>
  )
}

function whatWasFound({ hosts, remarks }: LookView): Html {
  return (
    <section class="panel" aria-labelledby="found-title">
      <h2 id="found-title">What was found</h2>
      <ul class="sparks">
        {hosts.map((spark) => (
          <FoundSpark spark={spark} />
        ))}
      </ul>
      {remarks.map((remark) => (
        <p class="small">Note: {remark}.</p>
      ))}
    </section>
  )
}

function acceptance({ config }: LookView, refused: Refused | null): Html {
  const wrong = refused?.form === 'config' ? refused : null
  const text = wrong?.config ?? config ?? ''
  return (
    <section class="panel" aria-labelledby="accept-title">
      <h2 id="accept-title">3. Accept the configuration</h2>
      <p>
        This becomes <code>spark.config.yaml</code>. Change what you like, now or later: it is a plain file.
      </p>
      {wrong && (
        <div class="notice bad" role="alert">
          <p>This can not be used yet:</p>
          <Problems lines={wrong.problems} />
        </div>
      )}
      <form method="post" action="/ui/discover/accept" class="fields">
        <label for="config">Configuration</label>
        <textarea
          id="config"
          name="config"
          class="code"
          rows={Math.min(40, text.split('\n').length + 1)}
          required
          spellcheck="false"
          autocomplete="off"
        >
          {text}
        </textarea>
        <p>
          <button type="submit">Accept</button>
        </p>
      </form>
    </section>
  )
}

// Before the first steps are done there is no file, which is nothing to mend.
const isMissing = (finding: string) => /: no such file; /.test(finding)

/** The way without this page's help. */
function byHand(data: PageData): Html {
  const lines = [...new Set(Object.values(data.sshKeyLines))]
  return (
    <section class="panel" aria-label="By hand">
      <details>
        <summary>I would rather write the file myself</summary>
        <div class="report">
          <p>
            Edit <code>spark.config.yaml</code>. Write the addresses of your Sparks and the user to log in as where the
            angle brackets stand. For one Spark leave out <code>spark-2</code>. It is read as soon as you save it.
          </p>
          {data.findings
            .filter(({ text }) => isMissing(text))
            .map(({ text }) => (
              <p class="small">{text}</p>
            ))}
          <CopyLine id="example" text={example} label="Example of spark.config.yaml" />
          <p>Then run this line on each Spark, logged in as that user:</p>
          {lines.length > 0
            ? lines.map((line, index) => <CopyLine id={`key-${index}`} text={line} label="SSH key line for the file" />)
            : 'The key is not there yet; reload this page in a moment.'}
        </div>
      </details>
    </section>
  )
}

const example = `hosts:
  spark-1:
    address: <spark-1-ip>
    user: <spark-user>
    launcher: ~/spark-vllm-docker
  spark-2:
    address: <spark-2-ip>
    user: <spark-user>

services:
  llm:
    kind: vllm
    host: spark-1
    port: 8888
    container: vllm_node
`
