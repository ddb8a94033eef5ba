import { type JobFailure, jobFailure } from '../../jobs/job-failure'
import type { HubTrouble } from './hub-trouble'

export interface Asked {
  repo: string
  /** The hub's address, for a person. */
  hub: string | null
  /** Name of the declared secret; null where none is declared. */
  secret: string | null
}

/** What a person is told of trouble with the hub that trying again does not mend. */
export function hubFailure(trouble: HubTrouble, { repo, hub, secret }: Asked): JobFailure {
  const page = `${hub ?? 'https://huggingface.co'}/${repo}`
  const set = secret
    ? `set the value of the secret ${secret} on the page`
    : 'name a secret as `models.token` in spark.config.yaml and set its value on the page'
  if (trouble.kind === 'missing')
    return jobFailure(
      'repo_not_found',
      `the hub knows no ${repo}, or hides it from this login`,
      `correct the name; if it is private, ${set}`,
    )
  if (trouble.kind === 'login')
    return jobFailure(
      'token_refused',
      `the hub asks who wants ${repo}, or refuses the token`,
      `${set}, with a token that may read ${repo}`,
    )
  if (trouble.kind === 'gated')
    return trouble.token
      ? jobFailure(
          'repo_gated',
          `${repo} is gated, and the owner of this token was not let in`,
          `accept its licence at ${page} with the same account, wait for the approval if it needs one, then download again`,
        )
      : jobFailure(
          'repo_gated',
          `${repo} is gated: its licence must be accepted by an account, and a token of that account sent`,
          `accept its licence at ${page}, then ${set}, then download again`,
        )
  return jobFailure(
    'hub_unavailable',
    `${trouble.why}, and still did after many tries`,
    'download again later; what has arrived is kept',
  )
}
