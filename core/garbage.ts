const everyMs = 1000
const growth = 32 * 1024 * 1024

/**
 * Collects garbage when resident memory has grown by 32 MiB since the last time: under many streams JavaScriptCore
 * lets garbage reach a multiple of the live heap, and this program shares a small box with others.
 * A collection takes some 20 ms of a 45 MB heap; at the pace of real models it hardly ever comes to one.
 */
export function keepSmall(): () => void {
  let floor = process.memoryUsage.rss()
  const timer = setInterval(() => {
    const now = process.memoryUsage.rss()
    if (now < floor) floor = now
    if (now < floor + growth) return
    Bun.gc(true)
    floor = process.memoryUsage.rss()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
