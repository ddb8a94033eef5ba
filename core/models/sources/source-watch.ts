import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { NotConnectedError } from '../../cluster/remote-commands'
import { hostFolder } from './host-folder'
import { localFolder } from './local-folder'
import type { FolderReading, RecipeText } from './reading'
import type { Source } from './source'

export interface SourceWatchOptions {
  sources: readonly Source[]
  hosts: Map<string, LiveHost>
  signal: AbortSignal
  known(source: Source): readonly RecipeText[]
  read(source: Source, reading: FolderReading): void
  /** Milliseconds after which a folder is looked at again. */
  everyMs?: number
}

const lookMs = 2000

/** Reads every foreign folder at once, when its host has connected again, and every ten minutes; a silent host keeps what was read of it. */
export function sourceWatch(options: SourceWatchOptions): { refresh(signal?: AbortSignal): Promise<void> } {
  const { sources, hosts, signal, known, read, everyMs = 600_000 } = options
  const reading = new Map<string, Promise<void>>()

  /** One reading of a source at a time; who asks meanwhile gets that one. */
  function look(source: Source, until?: AbortSignal): Promise<void> {
    const running = reading.get(source.name) ?? once(source, until).finally(() => reading.delete(source.name))
    reading.set(source.name, running)
    return running
  }

  async function once(source: Source, until: AbortSignal = signal) {
    const live = source.host === null ? null : hosts.get(source.host)
    if (live === undefined) return read(source, unknownHost)
    const found = live ? await onHost(live, source, until) : await localFolder(source.folder, known(source))
    if (!signal.aborted) read(source, found)
  }

  /** What fails while the link stands would fail again at once: it is told, and tried at the next turn. */
  async function onHost(live: LiveHost, source: Source, until: AbortSignal): Promise<FolderReading> {
    try {
      return await hostFolder(live, source.folder, known(source), until)
    } catch (error) {
      if (error instanceof NotConnectedError || until.aborted) throw error
      const problem = `cannot be read (${(error as Error).message.split('; ')[0]}); look at that folder`
      return { files: [...known(source)], skipped: [], commit: null, problem }
    }
  }

  async function followHost(live: LiveHost, its: readonly Source[]) {
    let connected = -1
    let lookedAt = 0
    while (!signal.aborted) {
      try {
        await live.ready(signal)
        const due = performance.now() - lookedAt > everyMs
        const { since } = live.link
        if (since !== connected || due) {
          await Promise.all(its.map((source) => look(source)))
          connected = since
          lookedAt = performance.now()
        }
      } catch {
        // The link has gone; it is read once it is back.
      }
      await pause(lookMs, signal)
    }
  }

  async function followLocal(source: Source) {
    // Who made this watch must first have it.
    await Promise.resolve()
    while (!signal.aborted) {
      await look(source).catch(() => {})
      await pause(everyMs, signal)
    }
  }

  for (const live of hosts.values()) {
    const its = sources.filter(({ host }) => host === live.host.id)
    if (its.length > 0) void followHost(live, its)
  }
  for (const source of sources) if (source.host === null || !hosts.has(source.host)) void followLocal(source)

  return {
    async refresh(until) {
      const open = sources.filter(({ host }) => host === null || hosts.get(host)?.link.state === 'up')
      await Promise.allSettled(open.map((source) => look(source, until)))
    },
  }
}

const unknownHost: FolderReading = {
  files: [],
  skipped: [],
  commit: null,
  problem: 'names a host that is not declared',
}
