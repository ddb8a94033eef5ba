/** What is wrong with a recipe's command, and what to do about it. */
export class CommandProblem extends Error {
  override name = 'CommandProblem'

  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${problem}; ${remedy}`)
  }
}
