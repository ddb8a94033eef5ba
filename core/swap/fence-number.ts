import type { Store } from '../store/store'

/** Gives each swap the next number, higher than every one that was seen on a Spark; owns the table `fence`. */
export function fenceNumber(store: Store): (seen: number) => number {
  return function next(seen) {
    const row = store
      .query(
        `INSERT INTO fence (id, number) VALUES (1, $seen + 1)
        ON CONFLICT (id) DO UPDATE SET number = max(number, $seen) + 1 RETURNING number`,
      )
      .get({ seen }) as { number: number }
    return row.number
  }
}
