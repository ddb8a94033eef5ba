/** Units of time with their seconds, longest first. */
export const timeUnits: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

/** A length of time in at most two units: `45 s`, `2 min 5 s`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = timeUnits.findIndex(([, size]) => whole >= size)
  if (first === -1) return '0 s'
  const [name, size] = timeUnits[first] ?? ['s', 1]
  const [nextName, nextSize] = timeUnits[first + 1] ?? ['', 0]
  const rest = nextSize ? Math.floor((whole % size) / nextSize) : 0
  return `${Math.floor(whole / size)} ${name}${rest ? ` ${rest} ${nextName}` : ''}`
}

/** An estimate that claims no more than it knows: `less than a minute`, `about 3 min`, `about 2 h`. */
export function estimate(seconds: number): string {
  if (seconds < 50) return 'less than a minute'
  if (seconds < 90 * 60) return `about ${Math.max(1, Math.round(seconds / 60))} min`
  return `about ${Math.round(seconds / 3600)} h`
}
