/** Figures by their names, with units in them. */
export type Figures = Record<string, number>

export interface Row {
  name: string
  figures: Figures
}

/** Measures each in turn, five times over, so that a busy minute of the machine meets all of them; the medians. */
export async function interleaved<T extends { name: string }>(
  all: T[],
  measure: (each: T) => Promise<Figures>,
  rounds = 5,
): Promise<Row[]> {
  const runs = new Map(all.map(({ name }): [string, Figures[]] => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const each of all) runs.get(each.name)?.push(await measure(each))
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
  return Object.fromEntries(
    names.map((name) => [
      name,
      quantile(
        runs.map((run) => run[name] ?? Number.NaN),
        0.5,
      ),
    ]),
  )
}
