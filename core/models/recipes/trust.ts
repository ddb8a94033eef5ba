import type { Store } from '../../store/store'

/** Which commands a person has seen and accepted, by the hash of what they run. */
export interface Trust {
  accepted(hash: string): boolean
  accept(hash: string): void
}

/** Keeps what was accepted in the store; a lost one asks again, and opens nothing. */
export function trust(store: Store): Trust {
  return {
    accepted: (hash) =>
      store.query('SELECT 1 FROM recipe_trust WHERE hash = $hash AND accepted = 1').get({ hash }) !== null,
    accept: (hash) =>
      store
        .query('INSERT OR REPLACE INTO recipe_trust (hash, accepted, at) VALUES ($hash, 1, $at)')
        .run({ hash, at: Date.now() }),
  }
}
