import type { Host } from '../config/cluster'
import { type Link, neverTried } from './link'
import type { HostFacts, HostState, HostView } from './snapshot'

/** What is known of one host. */
export interface HostRecord {
  host: Host
  link: Link
  address: string | null
  since: string | null
  seen: string | null
  facts: HostFacts | null
  /** Does docker answer? Null while it was not asked since the link came up. */
  docker: boolean | null
  /** Did it tell its figures since its link came up? What was seen before a reboot says nothing. */
  sampled: boolean
  /** The link is up, and still no figures come. */
  blind: boolean
  /** The state as it was published last. */
  state: HostState
}

/** @param since RFC 3339 */
export function newHost(host: Host, since: string): HostRecord {
  const link: Link = { ...neverTried, cause: 'not looked at yet' }
  return {
    host,
    link,
    address: null,
    since,
    seen: null,
    facts: null,
    docker: null,
    sampled: false,
    blind: false,
    state: 'unknown',
  }
}

/** A host as callers see it. @param looked were its services looked at since its link came up? */
export function hostView(record: HostRecord, looked: boolean): HostView {
  const { host, link, address, since, seen, facts } = record
  return {
    id: host.id,
    title: host.title,
    address: host.address,
    resolved_address: address,
    ...stateOf(record, looked),
    since,
    seen_at: seen,
    host_key: link.hostKey ?? null,
    facts,
  }
}

function stateOf(
  { host, link, docker, sampled, blind }: HostRecord,
  looked: boolean,
): Pick<HostView, 'state' | 'cause' | 'remedy'> {
  if (link.state !== 'up') return { state: link.state, cause: link.cause, remedy: link.remedy }
  if (blind && !sampled) {
    return {
      state: 'unresponsive',
      cause: `the login of ${host.user} works, but runs no commands`,
      remedy: `give it a shell (sudo chsh -s /bin/bash ${host.user}); a forced command in authorized_keys or sshd_config is in the way too`,
    }
  }
  if (blind) {
    return {
      state: 'up',
      cause: 'it no longer tells its figures',
      remedy: 'a disk or a driver there may hang: see Doctor, and restart that Spark if nothing helps',
    }
  }
  if (!sampled || docker === null || !looked)
    return { state: 'unknown', cause: 'connected; looking at what runs there', remedy: null }
  if (docker) return { state: 'up', cause: null, remedy: null }
  return {
    state: 'up',
    cause: 'docker does not answer',
    remedy: `is docker running there (systemctl status docker), and ${host.user} in the group docker (sudo usermod -aG docker ${host.user})?`,
  }
}

/** Facts of a host that has told nothing yet. */
export const noFacts: HostFacts = {
  seen_at: '',
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_gpu_bytes: null,
  gpu_name: null,
  gpu_utilization_percent: null,
  gpu_temperature_c: null,
  gpu_power_w: null,
  gpu_clock_mhz: null,
  gpu_throttled: null,
  gpu_driver: null,
  gpu_processes: null,
  memory_cached_bytes: null,
  swap_used_bytes: null,
  memory_pressure_percent: null,
  cpu_percent: null,
  temperature_c: null,
  disk_total_bytes: null,
  disk_available_bytes: null,
  load_1m: null,
  uptime_s: null,
  boot_id: null,
  vpn_address: null,
  addresses: {},
  network: {},
  clock_skew_s: null,
  oom_kills: null,
  kernel_trouble: null,
  containers: [],
}

/** Facts with what was seen now; the age of all of them is that of the machine's own figures. */
export function factsWith(before: HostFacts | null, seen: Partial<HostFacts>, at: string): HostFacts {
  const told = seen.memory_total_bytes !== undefined
  return { ...(before ?? noFacts), ...seen, seen_at: told ? at : (before?.seen_at ?? at) }
}

/** Facts of a host that tells nothing more of itself: its containers are told by docker, its GPU by its own stream. */
export function withoutFigures(facts: HostFacts): HostFacts {
  const { containers, gpu_name, gpu_driver, gpu_utilization_percent, gpu_temperature_c, boot_id, seen_at } = facts
  return { ...noFacts, containers, gpu_name, gpu_driver, gpu_utilization_percent, gpu_temperature_c, boot_id, seen_at }
}

/** What two samples together show. */
export function noticed(before: HostFacts, now: Partial<HostFacts>): { type: 'restart' | 'notice'; text: string }[] {
  if (before.boot_id && now.boot_id && now.boot_id !== before.boot_id) {
    return [{ type: 'restart', text: 'it was restarted: its boot id is another' }]
  }
  const kills = (now.oom_kills ?? 0) - (before.oom_kills ?? Number.POSITIVE_INFINITY)
  if (!(kills > 0)) return []
  const programs = kills === 1 ? '1 program' : `${kills} programs`
  return [{ type: 'notice', text: `its kernel ended ${programs} for want of memory` }]
}
