import type { AskedPlan } from '../../core/coordination/plan'
import { ApiError } from '../../core/gateway/api-error'

const longestText = 120
const mostMinutes = 7 * 24 * 60

/** What a person typed into the form of schedules, as a plan; its times are held against the calendar by who takes it. @throws {ApiError} 422 */
export function typedPlan(typed: Record<string, string>): AskedPlan {
  const minutes = Number(typed.minutes)
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > mostMinutes)
    throw wrong('/duration_s', 'minutes: is no whole number from 1 to 10080; correct it')
  return {
    title: text(typed.title, 'title'),
    owner: text(typed.owner, 'owner'),
    recipe: typed.recipe || null,
    timezone: (typed.timezone ?? '').trim(),
    duration_s: minutes * 60,
    ...times(typed),
  }
}

function times(typed: Record<string, string>): Pick<AskedPlan, 'at' | 'cron'> {
  const { repeats, date, time = '', weekday, cron = '' } = typed
  if (repeats === 'cron') return { cron: cron.trim() }
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(time) ?? []
  if (hour === undefined || minute === undefined) throw wrong('/at', 'time: is missing; write it like 14:05')
  const days = repeats === 'daily' ? '*' : repeats === 'weekdays' ? '1-5' : repeats === 'weekly' ? weekday : null
  return days === null ? { at: `${date}T${time}` } : { cron: `${Number(minute)} ${Number(hour)} * * ${days}` }
}

function text(typed: string | undefined, name: string): string {
  // Control characters would make lines of their own wherever it is shown.
  const plain = (typed ?? '').replace(/\p{Cc}+/gu, ' ').trim()
  if (plain === '' || plain.length > longestText)
    throw wrong(`/${name}`, `${name}: is empty or longer than ${longestText} characters; correct it`)
  return plain
}

function wrong(param: string, message: string): ApiError {
  return new ApiError(422, 'invalid_schedule', message, { param })
}
