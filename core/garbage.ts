const everyMs = 1000
const growth = 32 * 1024 * 1024

/**
 * Collects garbage when resident memory has grown by 32 MiB and nobody waits for an answer: after many streams
 * JavaScriptCore keeps a multiple of the live heap for long, and this program shares a small box with others.
 * A collection takes tens of milliseconds, so it is never made under load.
 */
export function keepSmall(quiet: () => boolean): () => void {
  let floor = process.memoryUsage.rss()
  const timer = setInterval(() => {
    const now = process.memoryUsage.rss()
    if (now < floor) floor = now
    if (now < floor + growth || !quiet()) return
    Bun.gc(true)
    floor = process.memoryUsage.rss()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
