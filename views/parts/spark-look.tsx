/** @jsxImportSource #jsx */
import type { FoundView, SparkLookView } from '../../core/discovery/look-view'
import { bytes } from '../format/bytes'
import { CopyLine } from './copy'
import { Shape, type Tone } from './state'
import { Trouble } from './trouble'

const states: Record<SparkLookView['state'], { word: string; tone: Tone }> = {
  waiting: { word: 'Connecting', tone: 'busy' },
  refused: { word: 'Waits for the key line', tone: 'warning' },
  looking: { word: 'Let us in, looking around', tone: 'busy' },
  found: { word: 'Looked at', tone: 'ok' },
}

/** A Spark on the way in: how far it is, and what it waits for. */
export function WaitingSpark(props: { spark: SparkLookView }) {
  const { spark } = props
  const refused = spark.state === 'refused'
  return (
    <li id={`look-${spark.id}`} class="about">
      <SparkName spark={spark} />
      {!refused && <Trouble cause={spark.cause} remedy={spark.remedy} />}
      {refused && (
        <details>
          <summary>Or run this on a computer that can log in there</summary>
          <CopyLine id={`ssh-${spark.id}`} text={spark.ssh_line} label={`Login line for ${spark.address}`} />
        </details>
      )}
    </li>
  )
}

/** A Spark that was looked at, in plain words. */
export function FoundSpark(props: { spark: SparkLookView }) {
  const { spark } = props
  return (
    <li id={`look-${spark.id}`} class="about">
      <SparkName spark={spark} />
      {spark.found && (
        <ul class="plain">
          {words(spark.found).map((line) => (
            <li>{line}</li>
          ))}
        </ul>
      )}
      <p class="small">
        SSH host key <code>{spark.fingerprint}</code>, trusted from now on when you accept
      </p>
    </li>
  )
}

function SparkName(props: { spark: SparkLookView }) {
  const { id, user, address, ssh_port: port, state } = props.spark
  const { word, tone } = states[state]
  return (
    <p class="heading">
      <strong>{id}</strong> {user}@{address}
      {port !== 22 && `:${port}`}{' '}
      <span class={`state ${tone}`}>
        <Shape tone={tone} /> {word}
      </span>
    </p>
  )
}

function words({ machine, hostname, launcher, fabric, docker, containers, cache, engines }: FoundView): string[] {
  const running = containers.filter(({ state }) => state === 'running').map(({ name }) => name)
  return [
    `${machine}${hostname ? `, calls itself ${hostname}` : ''}`,
    ...engines.map(
      ({ title, port, models }) =>
        `${title} on port ${port}${models.length > 0 ? `: ${models.slice(0, 3).join(', ')}` : ''}`,
    ),
    docker
      ? `Containers: ${running.length > 0 ? running.join(', ') : 'none runs'}`
      : 'docker does not answer this user; the doctor will say why',
    launcher ? `Launcher in ${launcher}: models can be swapped here` : 'No launcher: models are not started from here',
    cache
      ? `${cache.models} ${cache.models === 1 ? 'model' : 'models'}${cache.bytes === null ? '' : ` (${bytes(cache.bytes)})`} in ${cache.path}`
      : 'No models on disk yet',
    ...(fabric ? [`Fast link between Sparks: ${fabric}`] : []),
  ]
}
