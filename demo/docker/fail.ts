/** Ends a docker command: the text goes to stderr as docker writes it. */
export class DockerFailure extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message)
  }
}

/** Ends the command with docker's own text and exit code. */
export function fail(message: string, code = 1): never {
  throw new DockerFailure(message, code)
}
