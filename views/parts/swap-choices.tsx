/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { PageData } from '../page-data'
import { closedBy } from './closed'
import { SwapForm } from './swap-form'
import { recipeName } from './swap-words'

/** Whether a swap that ended left its service without a model that somebody wanted there, and nothing has changed that since. */
export function needsChoice(job: JobView, data: PageData): boolean {
  if (job.id !== data.cluster.swap?.id) return false
  if (job.state === 'needs_attention') return true
  const empty = !data.cluster.models.some(({ service }) => service === job.service)
  return job.state === 'failed' && job.result === 'none' && empty
}

/** The ways on after a swap that left no model: the one before, the one that was wanted, or none. */
export function NextSteps(props: { job: JobView; data: PageData }) {
  const { job, data } = props
  const disabled = closedBy(data) !== null
  const recipes = [job.previous, job.recipe].filter((id, index, all) => id !== null && all.indexOf(id) === index)
  return (
    <div class="answers" role="group" aria-label="What shall be loaded now">
      {recipes.map((id, index) => (
        <SwapForm
          recipe={id ?? ''}
          service={job.service}
          label={`Load ${recipeName(id ?? '', data)} again`}
          disabled={disabled}
          quiet={index > 0}
          again
        />
      ))}
      {job.state === 'needs_attention' && (
        <SwapForm recipe="" service={job.service} label="Leave it empty" disabled={disabled} quiet again />
      )}
    </div>
  )
}
