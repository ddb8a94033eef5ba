import type { JobError } from './job'

/** A phase could not be done; carries what to tell the person. */
export class JobFailure extends Error {
  override name = 'JobFailure'
  constructor(readonly reason: JobError) {
    super(reason.message)
  }
}

/** Makes the error of a phase. */
export function jobFailure(code: string, message: string, remedy: string): JobFailure {
  return new JobFailure({ code, message, remedy })
}

/** What to tell of any error; `what; remedy` is the form of every message here. */
export function reasonOf(error: unknown): JobError {
  if (error instanceof JobFailure) return error.reason
  const [message = 'unknown', ...remedy] = (error instanceof Error ? error.message : String(error)).split('; ')
  return { code: 'phase_failed', message, remedy: remedy.join('; ') || 'look at the host and the log, then try again' }
}
