/** @jsxImportSource #jsx */
import type { LookView } from '../../core/discovery/look-view'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { CopyLine } from '../parts/copy'
import { lookPart, type Refused } from '../parts/look'
import { Problems } from '../parts/problems'

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
