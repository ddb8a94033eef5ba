import type { JobView, SwapCause } from '../../core/jobs/job'
import type { PageData } from '../page-data'

/** What a swap is for, as a sentence begins: `Swap to Qwen3`, `Unload Qwen3`. */
export function swapTitle(job: JobView, data: PageData): string {
  if (job.recipe !== null) return `Swap to ${recipeName(job.recipe, data)}`
  return job.previous === null ? 'Unload the model' : `Unload ${recipeName(job.previous, data)}`
}

/** What a running swap does now: what was asked, or the way back to what ran before. */
export function doing(job: JobView, data: PageData): string {
  if (!isOnWayBack(job)) return swapTitle(job, data)
  const back = namesBack(job, data)
  return back === null ? 'Bringing back what ran before' : `Bringing back ${back}`
}

/** Who asked for it and why, as a sentence; null where that is not recorded. */
export function askedBy({ by }: JobView): string | null {
  return by ? asked[by] : null
}

const asked: Record<SwapCause, string> = {
  person: 'Asked for by a person on this page.',
  app: 'Asked for by an app.',
  demand: 'Begun because an app sent a request for this model.',
  idle: 'Begun because nobody had used the model for a while.',
  resume: 'Begun by itself after a Spark had restarted.',
}

/** Whether it relaunches what ran before. */
export function isOnWayBack({ phase }: JobView): boolean {
  return phase?.startsWith('back_') ?? false
}

/** What pressing Cancel does now, as its label; null where there is nothing more to call off. */
export function cancelLabel(job: JobView, data: PageData): string | null {
  const back = namesBack(job, data)
  if (isOnWayBack(job)) return (job.cancels ?? 0) > 1 ? null : 'Stop: no model is loaded afterwards'
  if (job.ending !== null) return null
  if (!hasStopped(job)) return back === null ? 'Cancel: nothing changes' : `Cancel: ${back} ${verb(job, 'stay')} loaded`
  return back === null ? 'Cancel: no model is loaded afterwards' : `Cancel: ${back} ${verb(job, 'come')} back`
}

/** What runs at the end of a swap, as a sentence: the answer to `and now?`. */
export function outcome(job: JobView, data: PageData): string {
  const lost = job.state === 'needs_attention' ? 'What ran before could not be brought back. ' : ''
  return lost + loadedNow(job, data)
}

function loadedNow(job: JobView, data: PageData): string {
  const back = namesBack(job, data)
  switch (job.result) {
    case 'new':
      return job.recipe === null ? 'No model is loaded now.' : `${recipeName(job.recipe, data)} is loaded.`
    case 'previous': {
      if (back === null) return 'What ran before runs on.'
      const [are, were] = [verb(job, 'is'), verb(job, 'was')]
      return hasStopped(job) ? `${back} ${are} loaded again.` : `${back} ${were} not touched and ${are} still loaded.`
    }
    case 'none':
      return 'No model is loaded now.'
    case 'unknown':
      return 'What is loaded now could not be told.'
    default:
      return ''
  }
}

/** How it ended, as a sentence without its time: `The swap to Qwen3 failed`. */
export function ending(job: JobView, data: PageData): string {
  const title = swapTitle(job, data)
  const what = job.recipe === null ? `The attempt to unload ${title.slice('Unload '.length)}` : `The s${title.slice(1)}`
  switch (job.state) {
    case 'done':
      return `${title}: done`
    case 'failed':
    case 'rolled_back':
    case 'needs_attention':
      return `${what} failed`
    case 'cancelled':
      return `${what} was cancelled`
    default:
      return `${what} ended`
  }
}

/** A recipe's name, its id where it is no longer there. */
export function recipeName(id: string, data: PageData): string {
  return data.recipes.find((recipe) => recipe.id === id)?.name ?? id
}

/** What comes back if it does not succeed: its own service's model and those that made room. */
function namesBack(job: JobView, data: PageData): string | null {
  const ids = idsBack(job)
  if (ids.length === 0) return null
  const names = ids.map((id) => recipeName(id, data))
  return [names.slice(0, -1).join(', '), names.at(-1)].filter((each) => each).join(' and ')
}

function idsBack({ previous, makes_room: others = [] }: JobView): string[] {
  return [previous, ...others.map(({ recipe }) => recipe)].filter((id) => id !== null)
}

/** Whether the stop of what ran has begun: from there on it has to be brought back. */
function hasStopped({ phases }: JobView): boolean {
  const stop = phases.find(({ name }) => name === 'stop')
  return stop !== undefined && stop.started_at !== null
}

const plural: Record<string, [one: string, many: string]> = {
  stay: ['stays', 'stay'],
  come: ['comes', 'come'],
  is: ['is', 'are'],
  was: ['was', 'were'],
}

function verb(job: JobView, name: string): string {
  return plural[name]?.[idsBack(job).length > 1 ? 1 : 0] ?? name
}
