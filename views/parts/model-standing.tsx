/** @jsxImportSource #jsx */
import type { MenuHost, MenuModel } from '../../core/models/menu'
import { bytes, bytesOf } from '../format/bytes'
import { estimate } from '../format/duration'
import { fitText } from '../format/fit'
import type { PageData } from '../page-data'
import { recipePath } from './model-path'
import { StateMark } from './state'

/** A model by its name, which leads to the recipe that loads it, and its repo. */
export function ModelName(props: { model: MenuModel }) {
  const { name, repo, recipe } = props.model
  return (
    <div class="heading">
      <h3>{recipe === null ? name : <a href={recipePath(recipe)}>{name}</a>}</h3>
      {name !== repo && <p class="small">{repo}</p>}
    </div>
  )
}

/** What a model can do as marks, and its figures in the same line. */
export function ModelMarks(props: { model: MenuModel; data: PageData }) {
  const { model, data } = props
  const { loaded, capabilities, nodes, needs_setup: unset } = model
  const onDemand = data.recipes.find(({ id }) => id === model.recipe)?.on_demand ?? false
  return (
    <p class="badges">
      {loaded && <span class="badge strong">loaded</span>}
      {onDemand && <span class="badge strong">loads on request</span>}
      {capabilities.map((capability) => (
        <span class="badge">{capability}</span>
      ))}
      {!unset && (
        <span class="badge">
          {nodes} {nodes === 1 ? 'host' : 'hosts'}
        </span>
      )}
      <span class="small">{figuresOf(model, data)}</span>
    </p>
  )
}

/** Its size, whether it fits and how long it loads: `33.0 GiB on disk · needs 48.0 of 121.7 GiB, measured`. */
function figuresOf(model: MenuModel, data: PageData): string {
  const { fit, eta_s: eta, loaded } = model
  const size = Math.max(0, ...Object.values(model.hosts).map((host) => host.bytes))
  const told = fit && (fit.fits || (fit.fits === null && model.state === 'ready')) ? fitText(fit, totalsOf(data)) : null
  return [
    size > 0 ? `${bytes(size)} on disk` : null,
    told,
    eta !== null && !loaded ? `loads in ${estimate(eta)}` : null,
  ]
    .filter((each) => each !== null)
    .join(' · ')
}

/** Why it can't be swapped to, in the fewest words: how much is too much and what would help, else the reason. */
export function whyNot({ reason, fit }: MenuModel, data: PageData): string | null {
  if (reason === null) return null
  const told = fit?.fits === false && reason === fit.reason ? fitText(fit, totalsOf(data)) : reason
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}.`
}

/** Each host on which it is not simply whole, with what is wrong there; nothing where it is ready. */
export function HostStates(props: { model: MenuModel; data: PageData }) {
  const { model, data } = props
  const told = Object.entries(model.hosts).filter(
    ([, { state }]) => state === 'partial' || state === 'downloading' || (state === 'missing' && model.state === state),
  )
  if (told.length === 0) return <></>
  return (
    <ul class="places">
      {told.map(([id, host]) => (
        <li>
          <StateMark state={host.state} /> {hostTitle(id, data)}
          {detailOf(host) && <span class="small">{detailOf(host)}</span>}
        </li>
      ))}
    </ul>
  )
}

/** What a host is called on the page. */
export function hostTitle(id: string, data: PageData): string {
  return data.cluster.hosts.find((host) => host.id === id)?.title ?? id
}

function totalsOf({ cluster }: PageData): Record<string, number | null> {
  return Object.fromEntries(cluster.hosts.map(({ id, facts }) => [id, facts?.memory_total_bytes ?? null]))
}

function detailOf({ state, bytes: have, expected_bytes: expected, problems }: MenuHost): string {
  if (state === 'missing') return ''
  const amount = expected === null || expected <= have ? (have > 0 ? bytes(have) : '') : bytesOf(have, expected)
  return [amount, state === 'partial' ? problems[0] : null].filter((each) => each).join(': ')
}
