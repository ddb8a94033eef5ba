import type { MeasuredLaunch } from './fit'

/**
 * Reads from an engine's load log what the launch took on one host; what the log does not tell is null.
 * @param log of one launch alone; lines of several workers may be mixed in it, the one that took most counts
 * @param claimed bytes the launch was given on the host (`needs_bytes` of its fit); null: not known, and neither is the overhead
 * @param total bytes of memory that the host has; what is larger than that, or than `claimed`, was misread
 */
export function measured(log: string, claimed: number | null, total: number | null = null): MeasuredLaunch {
  const limit = Math.min(claimed ?? Infinity, total ?? Infinity)
  const within = (values: number[]) => values.filter((bytes) => bytes > 0 && bytes <= limit)
  const weights = most(within(gibs(log, /Model loading took ([\d.]{1,12}) GiB/g)))
  const cache = least(within(gibs(log, /Available KV cache memory: ([\d.]{1,12}) GiB/g)))
  const graphs = most(gibs(log, /Graph capturing finished in [\d.]{1,12} secs?, took (-?[\d.]{1,12}) GiB/g)) ?? 0
  // Since vLLM 0.21 graphs are estimated and reckoned into the share; before, they come on top of it.
  const onTop = /Estimated CUDA graph memory|CUDA graph memory profiling is enabled/.test(log) ? 0 : Math.max(0, graphs)
  const around = claimed === null || weights === null || cache === null ? null : claimed - weights - cache + onTop
  return {
    weightsBytes: weights,
    overheadBytes: around !== null && around > 0 ? Math.round(around) : null,
    kvBytesPerToken: cache === null ? null : tokenBytes(log, cache),
  }
}

/** By the concurrency: it holds whatever an engine counts as a token of the cache, which versions differ in for hybrid models. */
function tokenBytes(log: string, cache: number): number | null {
  const [, length = '', times = ''] =
    /Maximum concurrency for ([\d,]{1,15}) tokens per request: ([\d.]{1,12})x/.exec(log) ?? []
  const held = Number(length.replaceAll(',', '')) * Number(times)
  const tokens = held > 0 ? held : Number(/GPU KV cache size: ([\d,]{1,15}) tokens/.exec(log)?.[1]?.replaceAll(',', ''))
  return cache > 0 && tokens > 0 ? cache / tokens : null
}

function gibs(log: string, pattern: RegExp): number[] {
  return [...log.matchAll(pattern)].map(([, text]) => Number(text) * 2 ** 30).filter((bytes) => Number.isFinite(bytes))
}

const most = (values: number[]) => (values.length === 0 ? null : Math.max(...values.slice(0, 1000)))
const least = (values: number[]) => (values.length === 0 ? null : Math.min(...values.slice(0, 1000)))
