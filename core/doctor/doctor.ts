import { firstContact } from '../cluster/first-contact'
import type { LiveHost } from '../cluster/hosts'
import type { Probe } from '../cluster/probe'
import type { Cluster, Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'
import { answers } from './answers'
import { type Check, right, wrong } from './check'
import { comparedChecks } from './checks/compared'
import { hostChecks } from './checks/host-checks'
import type { Examined } from './examined'
import { questions } from './questions'
import { serviceCheck } from './service-check'

/** What an examination found. */
export interface Report {
  /** Nothing is wrong; what could not be told is not counted as wrong. */
  ok: boolean
  /** When the examination began, RFC 3339. */
  seen_at: string
  checks: Check[]
}

export interface DoctorOptions {
  cluster: Cluster
  recipes: Recipe[]
  hosts: Map<string, LiveHost>
  probes: { service: Service; probe: Probe }[]
  /** Services that take models: their head starts containers on their other hosts. */
  swappable: Service[]
  /** The line that lets this controller in. */
  paste: string
  /** How long a host may take to let this controller in. */
  patienceMs?: number
}

const limitMs = 20_000

/** Examines every host in one round trip, all at once, then every service; changes nothing anywhere. */
export async function doctor(options: DoctorOptions): Promise<Report> {
  const { cluster, hosts, probes } = options
  const seenAt = new Date().toISOString()
  const looks = await Promise.all([...hosts.values()].map((live) => examine(live, options)))
  const examined = looks.flatMap((look) => look.examined ?? [])
  const ofServices = await Promise.all(
    probes.map(async ({ service, probe }): Promise<Check> => {
      const head = service.hosts[0]
      const address = hosts.get(head?.id ?? '')?.address ?? head?.address ?? ''
      const host = examined.find((each) => each.host.id === head?.id) ?? null
      return { ...(await serviceCheck(service, probe, address, host)), subject: `service:${service.id}` }
    }),
  )
  const compared = comparedChecks(examined)
  const ofHosts = cluster.hosts.flatMap(({ id }) => [
    ...looks.filter((look) => look.id === id).flatMap(({ checks }) => checks),
    ...compared.filter(({ subject }) => subject === `host:${id}`),
  ])
  const checks = [...ofHosts, ...ofServices]
  return { ok: checks.every((check) => check.ok !== false), seen_at: seenAt, checks }
}

async function examine(
  live: LiveHost,
  options: DoctorOptions,
): Promise<{ id: string; checks: Check[]; examined: Examined | null }> {
  const { host } = live
  const subject = `host:${host.id}`
  const failed = (text: string, remedy: string, command?: string) => ({
    id: host.id,
    checks: [{ ...wrong('key', text, remedy, command), subject }],
    examined: null,
  })
  const { patienceMs = 8000 } = options
  if (!(await firstContact(live, patienceMs))) {
    const { code, cause, remedy } = live.link
    const text = cause ?? `does not answer within ${patienceMs / 1000} s`
    return code === 'key_refused'
      ? failed(text, 'paste there', options.paste)
      : failed(text, remedy ?? 'check power, cable and address')
  }
  const entered: Check = { ...right('key', `${host.user}@${live.address} lets this controller in`), subject }
  const declared = declaredOf(host, options)
  const asked = Date.now()
  try {
    const { stdout } = await live.run(questions(askedOf(declared)), { timeoutMs: limitMs })
    const examined = { ...declared, answers: answers(stdout), asked, answered: Date.now() }
    return { id: host.id, checks: [entered, ...hostChecks(examined)], examined }
  } catch {
    const text = `lets this controller in, but did not answer its questions within ${limitMs / 1000} s`
    return failed(text, 'examine again; if it stays so, the Spark is out of memory or frozen: power-cycle it')
  }
}

type Declared = Omit<Examined, 'answers' | 'asked' | 'answered'>

function declaredOf(host: Host, { cluster, recipes, swappable }: DoctorOptions): Declared {
  const services = cluster.services.filter((service) => service.hosts[0]?.id === host.id)
  const workers = new Set(
    swappable.filter((service) => service.hosts[0]?.id === host.id).flatMap((service) => service.hosts.slice(1)),
  )
  const images = new Map<string, string[]>()
  for (const service of swappable) {
    const place = service.hosts.findIndex(({ id }) => id === host.id)
    if (place < 0) continue
    for (const { id, container, nodes } of recipes)
      if (nodes > place && nodes <= service.hosts.length) images.set(container, [...(images.get(container) ?? []), id])
  }
  return { host, services, workers: [...workers], images }
}

function askedOf({ host, workers, services }: Declared) {
  return {
    launcher: host.launcher,
    fabric: host.fabric,
    workers: workers.map((worker) => worker.fabric ?? worker.address),
    transcribers: services.filter(({ kind }) => kind === 'transcriber').flatMap(({ container }) => container ?? []),
  }
}
