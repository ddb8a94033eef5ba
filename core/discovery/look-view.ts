import { needsPerson } from '../cluster/link'
import { configuration } from './configuration'
import { distinct } from './distinct'
import type { FoundSpark } from './found'
import { plainWords } from './plain-words'

/** One Spark on its way from an address to a line of the configuration. */
export interface SparkLookView {
  id: string
  user: string
  address: string
  ssh_port: number
  /** `waiting`: it does not answer yet; `refused`: a person has to let this controller in. */
  state: 'waiting' | 'refused' | 'looking' | 'found'
  cause: string | null
  remedy: string | null
  /** Of the SSH host key it showed; it is pinned when the configuration is accepted. */
  fingerprint: string | null
  /** From a computer that can log in there: lets this controller in, in one line. */
  ssh_line: string
  found: FoundView | null
}

/** What was found on a Spark, in words and names. */
export interface FoundView {
  machine: string
  hostname: string
  launcher: string | null
  fabric: string | null
  docker: boolean
  containers: { name: string; image: string; state: string }[]
  cache: { path: string; models: number; bytes: number | null } | null
  engines: { engine: string; title: string; port: number; container: string | null; models: string[] }[]
}

/** A look at Sparks as pages and callers see it. */
export interface LookView {
  hosts: SparkLookView[]
  /** The line to paste on each Spark, as its user. */
  line: string
  remarks: string[]
  /** A spark.config.yaml to accept; null until every Spark was looked at. */
  config: string | null
}

/** @param line the line that lets this controller in */
export function lookView(all: FoundSpark[], kinds: readonly string[], line: string): LookView {
  const whole = all.length > 0 && all.every(({ seen }) => seen !== null)
  const { sparks, remarks } = distinct(all)
  return {
    hosts: (whole ? sparks : all).map((spark) => sparkView(spark, line)),
    line,
    remarks: whole ? remarks : [],
    config: whole ? configuration({ sparks, remarks, kinds }) : null,
  }
}

function sparkView(spark: FoundSpark, line: string): SparkLookView {
  const { id, target, link, fingerprint, seen } = spark
  const refused = seen === null && needsPerson(link)
  const state = seen ? 'found' : refused ? 'refused' : link.state === 'up' ? 'looking' : 'waiting'
  const told = seen === null && link.state !== 'up'
  const port = target.sshPort === 22 ? '' : `-p ${target.sshPort} `
  return {
    id,
    user: target.user,
    address: target.address,
    ssh_port: target.sshPort,
    state,
    cause: told ? link.cause : null,
    remedy: told ? link.remedy : null,
    fingerprint,
    // The line holds single quotes alone, and nothing that double quotes would expand.
    ssh_line: `ssh ${port}${target.user}@${target.address} "${line}"`,
    found: seen && {
      machine: plainWords(spark),
      hostname: seen.hostname,
      launcher: seen.launcher,
      fabric: seen.fabric,
      docker: seen.docker,
      containers: seen.containers.map(({ name, image, state }) => ({ name, image, state })),
      cache: seen.cache,
      engines: seen.engines.map(({ port, container, recognised: { engine, title, models } }) => ({
        engine,
        title,
        port,
        container: container?.name ?? null,
        models,
      })),
    },
  }
}
