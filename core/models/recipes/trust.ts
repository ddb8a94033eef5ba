import type { Store } from '../../store/store'

/** Which commands a person has seen and accepted, by the hash of what they run. */
export interface Trust {
  accepted(hash: string): boolean
  /** It came by HTTP, and nobody has accepted it yet. */
  awaits(hash: string): boolean
  accept(hash: string): void
  /** Notes that something came by HTTP; what was accepted before stays so. */
  await(hash: string): void
}

/** Keeps what was accepted in the store. */
export function trust(store: Store): Trust {
  const stateOf = (hash: string) => {
    const row = store.query('SELECT accepted FROM recipe_trust WHERE hash = $hash').get({ hash })
    return (row as { accepted: number } | null)?.accepted
  }
  const write = (how: string, hash: string, accepted: number) =>
    store
      .query(`INSERT OR ${how} INTO recipe_trust (hash, accepted, at) VALUES ($hash, $accepted, $at)`)
      .run({ hash, accepted, at: Date.now() })
  return {
    accepted: (hash) => stateOf(hash) === 1,
    awaits: (hash) => stateOf(hash) === 0,
    accept: (hash) => write('REPLACE', hash, 1),
    await: (hash) => write('IGNORE', hash, 0),
  }
}
