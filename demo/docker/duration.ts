/** How docker words a span: `Less than a second`, `About a minute`, `12 minutes`. */
export function span(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.round(seconds / 3600)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  const days = Math.floor(hours / 24)
  if (days < 14) return `${days} days`
  return days < 60 ? `${Math.floor(days / 7)} weeks` : `${Math.floor(days / 30)} months`
}

export const since = (moment: number) => span(Date.now() - moment)

/** Reads `1h30m`, `42s`, `500ms` as Go does; 0 for what is none. */
export function milliseconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)]
  const unit: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  if (parts.map(([whole]) => whole).join('') !== text) return 0
  return parts.reduce((sum, [, amount, name = 's']) => sum + Number(amount) * (unit[name] ?? 0), 0)
}
