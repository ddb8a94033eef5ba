import { answers } from '../cluster/answers'
import { firstContact } from '../cluster/first-contact'
import type { LiveHost } from '../cluster/hosts'
import { type Outcome, type Probe, runProbe } from '../cluster/probe'
import type { Cluster, Host, Service } from '../config/cluster'
import { elsewhere } from '../discovery/elsewhere'
import { look as lookAtDisk } from '../models/disk/look'
import type { Recipe } from '../models/recipe'
import { type Check, right, type Verdict, wrong } from './check'
import { comparedChecks } from './checks/compared'
import { hostChecks } from './checks/host-checks'
import { modelChecks } from './checks/models'
import type { Examined } from './examined'
import { loginCheck } from './login-check'
import { questions } from './questions'
import { answersWell, serviceCheck } from './service-check'

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
  probes: { service: Service; newProbe(): Probe }[]
  /** Services that take models: their head starts containers on their other hosts. */
  swappable: Service[]
  /** The connection for commands of a service: its own user's where it has one. */
  loginOf(service: Service): LiveHost
  /** The line that lets this controller in. */
  paste: string
  /** How long a host may take to let this controller in. */
  patienceMs?: number
}

const limitMs = 20_000

/** Examines every host in two commands at once and every service over HTTP, all at once; changes nothing anywhere. */
export async function doctor(options: DoctorOptions): Promise<Report> {
  const seenAt = new Date().toISOString()
  const [looks, outcomes, logins] = await Promise.all([
    Promise.all([...options.hosts.values()].map((live) => examine(live, options))),
    Promise.all(options.probes.map((each) => asked(each, options))),
    Promise.all(options.probes.map(({ service }) => loggedIn(service, options))),
  ])
  const reached = looks.flatMap(({ examined }) => examined ?? [])
  // Of a Spark that could not be examined its own line tells; that the head does not reach it either is no news.
  const examined = reached.map((each) => ({
    ...each,
    workers: each.workers.filter(({ id }) => reached.some(({ host }) => host.id === id)),
  }))
  const ofHosts = [
    ...looks.map(({ entry }) => entry),
    ...examined.flatMap(hostChecks),
    ...comparedChecks(examined),
    ...modelChecks(examined),
  ]
  const ofServices = await Promise.all(outcomes.map((each) => serviceChecked(each, examined, options)))
  const byHost = options.cluster.hosts.flatMap(({ id }) => ofHosts.filter(({ subject }) => subject === `host:${id}`))
  const checks = [...byHost, ...logins.flat(), ...ofServices]
  return { ok: checks.every((check) => check.ok !== false), seen_at: seenAt, checks }
}

type Asked = { service: Service; outcome: Outcome }

async function asked({ service, newProbe }: DoctorOptions['probes'][number], { hosts }: DoctorOptions): Promise<Asked> {
  const head = service.hosts[0]
  const address = hosts.get(head?.id ?? '')?.address ?? head?.address ?? ''
  return { service, outcome: service.port === 0 ? { kind: 'refused' } : await runProbe(newProbe(), address, service) }
}

async function loggedIn(service: Service, { loginOf, paste, patienceMs = 8000 }: DoctorOptions): Promise<Check[]> {
  const verdict = await loginCheck(service, () => loginOf(service), { paste, patienceMs })
  return verdict ? [{ ...verdict, subject: `service:${service.id}` }] : []
}

async function serviceChecked({ service, outcome }: Asked, examined: Examined[], options: DoctorOptions) {
  const host = examined.find((each) => each.host.id === service.hosts[0]?.id) ?? null
  const search = elsewhere({ hosts: options.hosts, services: options.probes })
  const missing = host !== null && !answersWell(outcome)
  const found = missing ? await search(service).catch(() => null) : null
  const verdict = serviceCheck({ service, outcome, elsewhere: found, host })
  return { ...verdict, subject: `service:${service.id}` }
}

/** One host: whether it lets this controller in, and if it does, what it says. */
async function examine(live: LiveHost, options: DoctorOptions): Promise<{ entry: Check; examined: Examined | null }> {
  const { host } = live
  const { patienceMs = 8000 } = options
  const entered = (verdict: Verdict): Check => ({ ...verdict, subject: `host:${host.id}` })
  if (!(await firstContact(live, patienceMs))) return { entry: entered(shutOut(live, options)), examined: null }
  const declared = declaredOf(host, options)
  const begun = Date.now()
  try {
    const disk = lookAtDisk(live, { signal: AbortSignal.timeout(limitMs) }).catch(() => null)
    const { stdout } = await live.run(questions(askedOf(declared)), { timeoutMs: limitMs })
    const answered = Date.now()
    const examined = { ...declared, answers: answers(stdout), asked: begun, answered, disk: await disk }
    return { entry: entered(right('key', `${host.user}@${live.address} lets this controller in`)), examined }
  } catch {
    const text = `lets this controller in, but did not answer its questions within ${limitMs / 1000} s`
    const advice = 'examine again; if it stays so, the Spark is out of memory or frozen: power-cycle it'
    return { entry: entered(wrong('key', text, advice)), examined: null }
  }
}

function shutOut({ link }: LiveHost, { paste, patienceMs = 8000 }: DoctorOptions): Verdict {
  const text = link.cause ?? `does not answer within ${patienceMs / 1000} s`
  if (link.code === 'key_refused') return wrong('key', text, 'paste there', paste)
  return wrong('key', text, link.remedy ?? 'check power, cable and address')
}

type Declared = Omit<Examined, 'answers' | 'disk' | 'asked' | 'answered'>

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
