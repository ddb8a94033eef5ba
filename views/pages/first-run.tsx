/** @jsxImportSource #jsx */
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { CopyLine } from '../parts/copy'

/** What a person sees before there is a valid configuration: three steps, each with what to paste. */
export function firstRunPage(data: PageData): Html {
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
        {problems(data.findings)}
        <section class="panel" aria-labelledby="edit-title">
          <h2 id="edit-title">1. Describe your Sparks</h2>
          <p>
            Edit <code>spark.config.yaml</code>. Write the addresses of your Sparks and the user to log in as where the
            angle brackets stand. For one Spark leave out <code>spark-2</code>.
          </p>
          <CopyLine id="example" text={example} label="Example of spark.config.yaml" />
        </section>
        <section class="panel" aria-labelledby="key-title">
          <h2 id="key-title">2. Let Spark Control in</h2>
          <p>Run this line on each Spark, logged in as that user:</p>
          {keyLines(data.sshKeyLines)}
        </section>
        <section class="panel" aria-labelledby="next-title">
          <h2 id="next-title">3. Come back here</h2>
          <p>
            Save the file and <a href="/">reload this page</a>. Problems in the file are listed here with their line
            until there are none.
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
      <ul class="findings">
        {findings.map((finding) => (
          <li>
            <code>{finding.text}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}

function keyLines(lines: PageData['sshKeyLines']) {
  const different = [...new Set(Object.values(lines))]
  if (!different.length) return <p>The key is not there yet; reload this page in a moment.</p>
  return different.map((line, index) => <CopyLine id={`key-${index}`} text={line} label="SSH key line" />)
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
