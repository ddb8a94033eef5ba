import { gib } from '../cluster/gib'
import { plainText } from '../cluster/plain-text'
import type { FoundSpark } from './found'
import { foundServices, type ServiceEntry } from './found-services'
import { plainWords } from './plain-words'
import { scalar } from './scalar'

export interface ConfigurationOptions {
  sparks: FoundSpark[]
  remarks: string[]
  /** Names of the service kinds that may be declared. */
  kinds: readonly string[]
}

const widest = 118

/** A `spark.config.yaml` to start from: what was found, each line with the reason why it stands there. */
export function configuration({ sparks, remarks, kinds }: ConfigurationOptions): string {
  const services = foundServices(sparks, kinds)
  const sections = [
    [
      '# yaml-language-server: $schema=./docs/spark.config.schema.json',
      ...comment('Made from what was found on the Sparks. Change what you like: every key is in docs/CONFIG.md.'),
      ...remarks.flatMap((remark) => comment(`Note: ${remark}.`)),
    ],
    ['name: My Sparks'],
    ['hosts:', ...sparks.flatMap((spark, index) => [...(index > 0 ? [''] : []), ...host(spark)])],
    services.length > 0
      ? ['services:', ...services.flatMap((entry, index) => [...(index > 0 ? [''] : []), ...service(entry)])]
      : comment(
          sparks.some(({ seen }) => seen !== null)
            ? 'No service was found. To load models, install spark-vllm-docker on a Spark and look again.'
            : 'What runs there is not known yet: let Spark Control in, then look again.',
        ),
  ]
  const others = sparks.flatMap(idleContainers)
  if (others.length > 0) sections.push(others)
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function host(spark: FoundSpark): string[] {
  const { id, target, resolved, fingerprint, seen } = spark
  const address = /\.local\.?$/i.test(target.address) ? (resolved ?? target.address) : target.address
  const cache = seen?.cache
  const size = cache?.bytes ? `, ${gib(cache.bytes)}` : ''
  const about = [
    plainWords(spark),
    ...(cache ? [`${cache.models} models${size} in ${cache.path}`] : []),
    ...(fingerprint ? [`host key ${fingerprint}`] : []),
  ]
  const fast = seen?.addresses.find((each) => each.address === seen.fabric)?.name
  return [
    ...about.flatMap((line) => comment(line, 2)),
    `  ${id}:`,
    `    address: ${scalar(address)}`,
    ...(target.sshPort === 22 ? [] : [`    ssh_port: ${target.sshPort}`]),
    `    user: ${scalar(target.user)}`,
    ...(seen?.launcher ? [`    launcher: ${scalar(seen.launcher)}  # launch-cluster.sh was found there`] : []),
    ...(seen?.fabric ? [`    fabric: ${scalar(seen.fabric)}  # address of ${fast}, the fast link between Sparks`] : []),
  ]
}

/** What runs without a port that answers is declared by hand, if it is to be watched. */
function idleContainers({ id, seen }: FoundSpark): string[] {
  const named = new Set(seen?.engines.map(({ container }) => container?.name))
  const others = (seen?.containers ?? []).filter(({ name, state }) => state === 'running' && !named.has(name))
  return others.length === 0
    ? []
    : comment(
        `${id} also runs ${others.map(({ name }) => name).join(', ')}, which answers on no port that was recognised.`,
      )
}

function service({ id, why, fields }: ServiceEntry): string[] {
  return [...comment(why, 2), `  ${id}:`, ...fields.map(([key, value]) => `    ${key}: ${value}`)]
}

/** Comment lines of bounded width; foreign text in them can end no line. */
function comment(text: string, indent = 0): string[] {
  const lead = `${' '.repeat(indent)}# `
  const lines: string[] = ['']
  for (const word of plainText(text, 600).split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && lead.length + last.length + word.length + 1 > widest) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line) => `${lead}${line}`)
}
