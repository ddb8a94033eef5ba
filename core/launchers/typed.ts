import { shellText } from '../cluster/shell'

/** An argument list as a person would type it on the Spark: in the first `homes` words a leading `~/` stays the home. */
export function typed(argv: readonly string[], homes = 0): string {
  return argv
    .map((word, index) => {
      const rest = index < homes && word.startsWith('~/') ? word.slice(2) : ''
      return rest === '' ? shellText([word]) : `~/${shellText([rest])}`
    })
    .join(' ')
}
