/** The one of `known` a person most likely meant, or null when none is close. */
export function nearest(written: string, known: Iterable<string>): string | null {
  const text = written.toLowerCase()
  let best: string | null = null
  let least = Math.max(1, Math.floor(Math.min(text.length, 64) / 3)) + 1
  for (const candidate of known) {
    const other = candidate.toLowerCase()
    const distance = other.startsWith(text) && text.length >= 3 ? 1 : editDistance(text, other, least)
    if (distance < least && distance < text.length) [best, least] = [candidate, distance]
  }
  return best
}

/** Insertions, deletions, replacements and swapped neighbours between two words; `limit` once it is certain to be reached. */
export function editDistance(a: string, b: string, limit = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, at(before, column - 2) + 1)
      current.push(cost)
    }
    before = previous
    previous = current
  }
  return Math.min(at(previous, b.length), limit)
}

const at = (row: readonly number[], column: number): number => row[column] ?? 0

/** `did you mean "port"?` where one is close, else everything there is. */
export function suggestion(written: string, known: Iterable<string>, label: string): string {
  const all = [...known]
  const meant = nearest(written, all)
  if (meant !== null) return `did you mean "${meant}"?`
  return all.length > 0 ? `${label}: ${all.join(', ')}` : `there are no ${label}`
}
