import type { AttentionView, ClusterView, HostView, ServiceView } from '../../core/cluster/snapshot'
import { serverSent } from '../server-sent'

/** A state as it was published, at the moment it arrived here. */
export interface Entry {
  /** Id of the host or service. */
  id: string
  state: string
  cause: string | null
  remedy: string | null
  /** Milliseconds of this process's monotonic clock, and of the wall clock. */
  at: number
  wall: number
}

export interface Diary {
  /** Origin of the control plane. */
  url: string
  /** Every change of state since the diary was opened, in order. */
  entries: Entry[]
  ask(method: string, path: string, body?: unknown): Promise<Response>
  /** Asks for JSON. @throws {Error} with the answer when it is none of 2xx */
  read<T>(path: string): Promise<T>
  host(id: string): Promise<HostView>
  service(id: string): Promise<ServiceView>
  attention(): Promise<AttentionView[]>
  /** The first entry from index `from` on that has this id and state; waits for it. */
  entry(id: string, state: string, from?: number, patienceMs?: number): Promise<Entry>
  /** The same for a cause that holds these words. */
  said(id: string, words: string, from?: number, patienceMs?: number): Promise<Entry>
  /** States of one id since index `from`, each as often as it was entered. */
  states(id: string, from?: number): string[]
  close(): void
}

const usualMs = 30_000

/** Reads `/api/events` of a running control plane and notes each change of state. */
export function diary(url: string): Diary {
  const entries: Entry[] = []
  const wakers = new Set<() => void>()
  const leaving = new AbortController()

  function note(views: (HostView | ServiceView)[]) {
    for (const { id, state, cause, remedy } of views) {
      const before = entries.findLast((each) => each.id === id)
      if (before?.state === state && before.cause === cause) continue
      entries.push({ id, state, cause, remedy, at: performance.now(), wall: Date.now() })
    }
    for (const wake of wakers) wake()
  }

  async function follow() {
    const answer = await fetch(`${url}/api/events`, { signal: leaving.signal })
    for await (const { event, data } of serverSent(answer)) {
      if (event === 'snapshot') {
        const { hosts, services } = JSON.parse(data) as ClusterView
        note([...hosts, ...services])
      }
      if (event === 'host' || event === 'service') note([JSON.parse(data)])
    }
  }

  function ask(method: string, path: string, body?: unknown) {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return fetch(`${url}${path}`, { method, ...json })
  }

  async function read<T>(path: string): Promise<T> {
    const answer = await ask('GET', path)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }

  function first(what: string, fits: (entry: Entry) => boolean, from: number, patienceMs: number): Promise<Entry> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        wakers.delete(look)
        const seen = entries.slice(from).map(({ id, state, cause }) => `${id} ${state} (${cause})`)
        reject(new Error(`waited ${patienceMs / 1000} s for ${what}; seen: ${seen.join(', ') || 'nothing'}`))
      }, patienceMs)
      function look() {
        const found = entries.slice(from).find(fits)
        if (!found) return
        clearTimeout(limit)
        wakers.delete(look)
        resolve(found)
      }
      wakers.add(look)
      look()
    })
  }

  void follow().catch(() => {})
  return {
    url,
    entries,
    ask,
    read,
    host: (id) => read<HostView>(`/api/hosts/${id}`),
    service: (id) => read<ServiceView>(`/api/services/${id}`),
    attention: () => read<AttentionView[]>('/api/attention'),
    entry: (id, state, from = 0, patienceMs = usualMs) =>
      first(`${id} to be ${state}`, (each) => each.id === id && each.state === state, from, patienceMs),
    said: (id, words, from = 0, patienceMs = usualMs) =>
      first(`${id}: ${words}`, (each) => each.id === id && (each.cause ?? '').includes(words), from, patienceMs),
    states(id, from = 0) {
      const states = entries.slice(from).flatMap((each) => (each.id === id ? [each.state] : []))
      return states.filter((state, index) => state !== states[index - 1])
    },
    close: () => leaving.abort(),
  }
}
