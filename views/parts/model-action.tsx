/** @jsxImportSource #jsx */
import type { Fit } from '../../core/models/memory/fit'
import type { MenuModel } from '../../core/models/menu'
import type { PageData } from '../page-data'
import { InUse } from './in-use'
import { recipePath, setupPath } from './model-path'
import { SwapForm } from './swap-form'
import { CancelTransfer, DownloadForm, TransferBar, transferTitle } from './transfer'

/** The one thing to do next with a model: unload it, follow its download, set it up, review it, fetch it or swap to it. */
export function ModelAction(props: { model: MenuModel; data: PageData; closed: boolean }) {
  const { model, data, closed } = props
  const job = data.jobs.find(({ id }) => id === model.job)
  if (model.loaded) return <Unload model={model} data={data} closed={closed} />
  if (job)
    return (
      <>
        <TransferBar job={job} label={transferTitle(job)} />
        <CancelTransfer job={job} />
      </>
    )
  if (model.state === 'partial')
    return <DownloadForm repo={model.repo} name={model.name} label="Finish the download" quiet />
  if (model.needs_setup || model.recipe === null)
    return <GoTo href={setupPath(model.repo)} label="Set up" name={model.name} />
  if (!model.trusted) return <GoTo href={recipePath(model.recipe)} label="Review" name={model.name} />
  if (model.state === 'missing')
    return <DownloadForm repo={model.repo} name={model.name} label="Download it there" quiet />
  const room = couldMakeRoom(model.reason, model.fit, data)
  const disabled = closed || (model.reason !== null && !room)
  return (
    <>
      <SwapTo recipe={model.recipe} label={`Swap to ${model.name}`} disabled={disabled} data={data} />
      {room && <p class="small">Other models would have to end first; you are asked which.</p>}
    </>
  )
}

/** Whether all that keeps it from being loaded may be the models of other services. */
export function couldMakeRoom(reason: string | null, fit: Fit | null, { slots, cluster }: PageData): boolean {
  return slots.length > 1 && cluster.models.length > 0 && fit?.fits === false && reason === fit.reason
}

interface SwapToProps {
  recipe: string
  label: string
  disabled: boolean
  data: PageData
  quiet?: boolean
  leave?: boolean
}

/** The button that swaps to a recipe, where there are several services the choice between them, and whom it would disturb. */
export function SwapTo({ recipe, data, ...rest }: SwapToProps) {
  const able = data.recipes.find(({ id }) => id === recipe)?.into ?? []
  const taken = (id: string) => Number(data.cluster.models.some(({ service }) => service === id))
  // First what ends nothing.
  const into = data.slots.filter(({ id }) => able.includes(id)).toSorted((a, b) => taken(a.id) - taken(b.id))
  const service = data.slots.length > 1 && into.length === 1 ? into[0]?.id : null
  return (
    <>
      <SwapForm recipe={recipe} into={into} service={service} {...rest} />
      {!rest.disabled && <InUse services={into.map(({ id }) => id)} data={data} />}
    </>
  )
}

/** The button that unloads a model, one for each service that serves it. */
function Unload(props: { model: MenuModel; data: PageData; closed: boolean }) {
  const { model, data, closed } = props
  const places = data.cluster.models.filter(({ repo }) => repo === model.repo).map(({ service }) => service)
  const titleOf = (id: string) => data.slots.find((slot) => slot.id === id)?.title ?? id
  return (
    <>
      {(places.length > 0 ? places : [null]).map((service) => (
        <SwapForm
          recipe=""
          label={`Unload ${model.name}${service && places.length > 1 ? ` from ${titleOf(service)}` : ''}`}
          service={data.slots.length > 1 ? service : null}
          quiet
          disabled={closed}
        />
      ))}
      {!closed && <InUse services={places} data={data} />}
    </>
  )
}

/** A link that looks like the button that will follow on its page. */
export function GoTo(props: { href: string; label: string; name: string }) {
  return (
    <a class="button quiet" href={props.href} aria-label={`${props.label}: ${props.name}`}>
      {props.label}
    </a>
  )
}
