/** @jsxImportSource #jsx */
import type { MenuModel } from '../../core/models/menu'
import type { PageData } from '../page-data'
import { recipePath, setupPath } from './model-path'
import { SwapForm } from './swap-form'
import { CancelTransfer, DownloadForm, TransferBar, transferTitle } from './transfer'

/** The one thing to do next with a model: unload it, follow its download, set it up, review it, fetch it or swap to it. */
export function ModelAction(props: { model: MenuModel; data: PageData; closed: boolean }) {
  const { model, data, closed } = props
  const job = data.jobs.find(({ id }) => id === model.job)
  if (model.loaded) return <SwapForm recipe="" label={`Unload ${model.name}`} quiet disabled={closed} />
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
  return <SwapForm recipe={model.recipe} label={`Swap to ${model.name}`} disabled={closed || model.reason !== null} />
}

/** A link that looks like the button that will follow on its page. */
export function GoTo(props: { href: string; label: string; name: string }) {
  return (
    <a class="button quiet" href={props.href} aria-label={`${props.label}: ${props.name}`}>
      {props.label}
    </a>
  )
}
