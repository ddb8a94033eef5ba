import { begins, cronProblem, isTimezone, localTime } from './begins'

/** Who plans which swap when. */
export interface Plan {
  owner: string
  title: string
  /** Null unloads. */
  recipe: string | null
  /** Five fields, read in the timezone; null where it happens once. */
  cron: string | null
  /** RFC 3339; null where it repeats. */
  at: string | null
  /** IANA name. */
  timezone: string
  duration_s: number
}

/** A plan as it is asked for: a time without an offset is one of its timezone. */
export type AskedPlan = Omit<Plan, 'cron' | 'at' | 'timezone'> & Partial<Pick<Plan, 'cron' | 'at' | 'timezone'>>

/** What is wrong with a plan. */
export class PlanError extends Error {
  override name = 'PlanError'
  /** @param param JSON pointer of the field */
  constructor(
    readonly param: string,
    message: string,
  ) {
    super(message)
  }
}

const offset = /(Z|[+-]\d\d:\d\d)$/i
const timeForm = /^(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/i

/**
 * A plan made whole, whose time is still to come.
 * @param asked its fields have the right types and lengths already
 * @param recipes ids of the catalogue
 * @throws {PlanError}
 */
export function plan(asked: AskedPlan, { now, recipes }: { now: number; recipes: readonly string[] }): Plan {
  const { owner, title, recipe, cron = null, at = null, timezone, duration_s } = asked
  if (recipe !== null && !recipes.includes(recipe))
    throw new PlanError('/recipe', 'recipe: is not in the catalogue; GET /api/recipes lists it, and null unloads')
  if ((cron === null) === (at === null))
    throw new PlanError(cron === null ? '/cron' : '/at', 'cron, at: one of the two is needed; give exactly one')
  if (timezone === undefined && (cron !== null || !offset.test(at ?? '')))
    throw new PlanError('/timezone', 'timezone: is missing; name one, as Europe/Berlin or UTC')
  if (timezone !== undefined && !isTimezone(timezone))
    throw new PlanError('/timezone', 'timezone: is not known; use an IANA name, as Europe/Berlin or UTC')
  const zone = timezone ?? 'UTC'
  const made = { owner, title, recipe, cron: cron?.trim().replace(/\s+/g, ' ') ?? null, at, timezone: zone, duration_s }
  if (made.cron !== null) checkCron(made.cron, zone)
  if (at !== null) made.at = moment(at, zone)
  if (begins(made, now, 1).length > 0) return made
  if (at !== null) throw new PlanError('/at', 'at: lies in the past; give a time to come')
  throw new PlanError('/cron', 'cron: names a day that never comes; correct its day and month')
}

function checkCron(cron: string, timezone: string) {
  const problem = cronProblem(cron, timezone)
  if (problem)
    throw new PlanError('/cron', `cron: ${problem}; write minute, hour, day, month and weekday, as 0 3 * * 1-5`)
}

function moment(at: string, timezone: string): string {
  const wrong = new PlanError('/at', 'at: is not an RFC 3339 time; write it like 2027-01-31T14:05:00Z')
  const date = timeForm.exec(at)?.[1]
  if (date === undefined || !isDate(date)) throw wrong
  const given = at.toUpperCase().replace(' ', 'T')
  const time = offset.test(given) ? Date.parse(given) : localTime(given, timezone)
  if (Number.isNaN(time)) throw wrong
  return new Date(time).toISOString()
}

/** 31 February would be taken for a day in March. */
function isDate(date: string): boolean {
  const time = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date)
}
