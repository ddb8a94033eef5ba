const GiB = 1024 ** 3
const TiB = 1024 ** 4

/** A size in words: `88.2 GiB`, `1.2 TiB`, `12 MiB`. */
export function bytes(size: number): string {
  if (Math.abs(size) >= TiB) return `${(size / TiB).toFixed(1)} TiB`
  if (Math.abs(size) >= GiB / 10) return `${(size / GiB).toFixed(1)} GiB`
  if (size !== 0 && Math.abs(size) < 1024 ** 2) return `${Math.round(size / 1024)} KiB`
  return `${Math.round(size / 1024 ** 2)} MiB`
}

/** A part of a whole in the unit of the whole: `88.2 of 119.7 GiB`. */
export function bytesOf(part: number, whole: number): string {
  const [unit, name] = whole >= TiB ? [TiB, 'TiB'] : [GiB, 'GiB']
  const digits = whole / unit >= 500 ? 0 : 1
  return `${(part / unit).toFixed(digits)} of ${(whole / unit).toFixed(digits)} ${name}`
}

/** How fast bytes come: `110 MiB/s`, `2.4 GiB/s`. */
export function bytesPerSecond(rate: number): string {
  return rate >= GiB / 10 && rate < GiB ? `${Math.round(rate / 1024 ** 2)} MiB/s` : `${bytes(rate)}/s`
}
