import { type ImageChoice, tables } from './tables'

export interface ChosenImage {
  choice: ImageChoice
  reason: string
  source: string
  /** Why it cannot be started yet; null where it is there, or nothing is known of that. */
  problem: string | null
}

/** The first that is there, else the first; `docker run` starts one host alone. */
export function imageFor(
  wanted: readonly ImageChoice[] | undefined,
  nodes: number,
  present: readonly string[] | undefined,
): ChosenImage {
  const { image, ...usual } = tables.sizes.image
  const choices = (wanted ?? [{ image }]).filter(({ runtime }) => nodes === 1 || runtime !== 'docker')
  const tagged = (name: string) => (/:[^/]+$/.test(name) ? name : `${name}:latest`)
  const there = choices.find((choice) => present?.map(tagged).includes(tagged(choice.image)))
  const choice = there ?? choices[0] ?? { image }
  const known = choice.image === image ? usual : { reason: 'what its recipes elsewhere run in', source: usual.source }
  const missing = present !== undefined && !there
  return {
    choice,
    ...known,
    problem: missing ? `the image ${choice.image} is not on the Sparks; ${howToGet(choice)}` : null,
  }
}

function howToGet({ image, runtime }: ImageChoice): string {
  return runtime === 'docker' ? `run docker pull ${image} there` : 'run build-and-copy.sh of spark-vllm-docker there'
}
