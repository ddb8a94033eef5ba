/** @jsxImportSource #jsx */
import type { MenuModel } from '../../core/models/menu'
import { bytes, bytesOf } from '../format/bytes'
import type { PageData } from '../page-data'
import { closedBy } from './closed'
import { GoTo, ModelAction } from './model-action'
import { deletePath } from './model-path'
import { hostTitle, ModelMarks, ModelName, whyNot } from './model-standing'
import { StateMark } from './state'
import { Ago } from './when'

/** Every model on every host's disk with its size there, and the room that is left. */
export function onDiskPart(data: PageData) {
  const { models } = data.menu
  return (
    <section id="on-disk" class="panel" aria-labelledby="on-disk-title">
      <h2 id="on-disk-title">On disk</h2>
      {room(data)}
      {models.length === 0 && nothing(data)}
      {models.length > 0 && <ul class="recipes">{models.map((model) => entry(model, data))}</ul>}
    </section>
  )
}

function room(data: PageData) {
  const { disks } = data
  if (disks.length === 0) return <></>
  return (
    <ul class="disks">
      {disks.map(({ host, availableBytes: free, totalBytes: total, caches, seenAt }) => (
        <li>
          <p>
            <strong>{hostTitle(host, data)}</strong>{' '}
            {free === null
              ? 'free space is not known'
              : `${bytes(free)}${total === null ? '' : ` of ${bytes(total)}`} free`}
            <span class="small">
              , looked at <Ago time={seenAt} now={data.now} />
            </span>
          </p>
          {caches
            .filter(({ problem }) => problem !== null)
            .map(({ path, problem }) => (
              <p class="trouble">
                {path}: {problem}
              </p>
            ))}
        </li>
      ))}
    </ul>
  )
}

function nothing({ disks, cluster }: PageData) {
  if (cluster.hosts.length === 0) return <p>No hosts yet: add your Sparks under hosts: in spark.config.yaml.</p>
  if (disks.length > 0) return <p>No model was found on any disk; download one below.</p>
  return <p>The hosts' disks have not been looked at yet; this page follows as soon as a host answers.</p>
}

function entry(model: MenuModel, data: PageData) {
  const why = whyNot(model, data)
  return (
    <li id={`disk-${model.repo}`}>
      <div class="about">
        <ModelName model={model} />
        <ModelMarks model={model} data={data} />
        {places(model, data)}
        {why && !model.loaded && <p class="small">{why}</p>}
      </div>
      <div class="action">
        <ModelAction model={model} data={data} closed={closedBy(data) !== null} />
        {removal(model)}
      </div>
    </li>
  )
}

const problemsShown = 2

function places(model: MenuModel, data: PageData) {
  return (
    <ul class="places">
      {Object.entries(model.hosts).map(([id, host]) => (
        <li>
          <StateMark state={host.state} /> {hostTitle(id, data)}
          {host.bytes > 0 && (
            <span class="small">
              {host.expected_bytes !== null && host.expected_bytes > host.bytes
                ? bytesOf(host.bytes, host.expected_bytes)
                : bytes(host.bytes)}
            </span>
          )}
          {host.problems.slice(0, problemsShown).map((problem) => (
            <p class="small">{problem}</p>
          ))}
          {host.problems.length > problemsShown && (
            <p class="small">and {host.problems.length - problemsShown} more like these</p>
          )}
        </li>
      ))}
    </ul>
  )
}

function removal(model: MenuModel) {
  if (model.loaded) return <p class="small">To delete it, unload it first.</p>
  if (!model.removable) return <p class="small">A folder of yours: remove it there by hand.</p>
  if (model.job !== null) return <></>
  return <GoTo href={deletePath(model.repo)} label="Delete…" name={model.name} />
}
