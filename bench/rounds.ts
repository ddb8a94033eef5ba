import type { Peer, PeerName } from './peers'

/** Figures by their names, with units in them. */
export type Figures = Record<string, number>

export interface Row {
  name: PeerName
  figures: Figures
}

/** Measures every peer in turn, five times over, so that a busy minute of the machine meets all of them; the medians. */
export async function interleaved(all: Peer[], measure: (peer: Peer) => Promise<Figures>, rounds = Number(process.env.ROUNDS ?? 5)): Promise<Row[]> {
  const runs = new Map<PeerName, Figures[]>(all.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const peer of all) runs.get(peer.name)?.push(await measure(peer))
  }
  return [...runs].map(([name, figures]) => ({ name, figures: medians(figures) }))
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function medians(runs: Figures[]): Figures {
  const names = Object.keys(runs[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, quantile(runs.map((run) => run[name] ?? Number.NaN), 0.5)]))
}
