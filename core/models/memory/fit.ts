import { gib } from '../../cluster/gib'
import type { Service } from '../../config/cluster'
import type { FoundModel } from '../disk/found-model'
import type { Recipe } from '../recipe'
import { type Claim, claimOf, type Load } from './claim'
import { type Demand, demandOf } from './demand'
import type { HostLedger } from './ledger'
import { mostContext } from './most-context'
import { remediesFor } from './remedies'
import { type Room, roomOf } from './room'
import { type Wishes, wishesOf } from './wishes'

export interface FitInput {
  recipe: Recipe
  service: Service
  /** By host of the launch; null is "not there", an absent host was not looked at. */
  found: Record<string, FoundModel | null>
  /** The same of the drafter that the recipe names (`wishesOf(recipe).drafter`); left out: not looked for. */
  drafter?: Record<string, FoundModel | null>
  /** Of the hosts of the launch, the head first. */
  ledgers: HostLedger[]
  /** What launches of this recipe really took, newest first; empty while it was never launched. */
  launches?: MeasuredLaunch[]
}

/** What one launch really took on one host, read from its log and its memory. */
export interface MeasuredLaunch {
  weightsBytes: number | null
  /** Beyond weights and KV cache: runtime, graphs, activations. */
  overheadBytes: number | null
  /** Of one token of one sequence, on one host. */
  kvBytesPerToken: number | null
}

/** What a launch takes on one host, and what is there; bytes. */
export interface HostFit {
  needs_bytes: number | null
  /** What it may take: available, and what the models it replaces give back, less the reserve. */
  room_bytes: number | null
  /** How much is missing; 0 where it fits. */
  short_bytes: number
  weights_bytes: number | null
  kv_bytes: number | null
  overhead_bytes: number | null
}

/** Whether a recipe fits, told so that a person can act on it. */
export interface Fit {
  /** Null where too little is known to tell. */
  fits: boolean | null
  /** Why not, or why it is not known: `needs 62.0 GiB on spark-1, 51.0 GiB would be free: 11.0 GiB too much`; null where it fits. */
  reason: string | null
  /** What would make it fit, or surer, most useful first: `lower max_model_len to 131072`, `stop ComfyUI (9.0 GiB)`. */
  remedies: string[]
  hosts: Record<string, HostFit>
  /** The share of each host's memory the launch gets; from the recipe where it pins one, else the smallest that serves the wanted context. */
  utilization: number | null
  /** The recipe leaves the share open, and `utilization` must be put into its command. */
  computed: boolean
  /** Tokens of one sequence the recipe wants, and the most that would fit. */
  context: number | null
  max_context: number | null
  /** `measured` once a launch of it was seen, else `estimated`. */
  basis: 'measured' | 'estimated'
}

/** All that the verdict and its remedies are made from. */
export interface Case {
  /** How many hosts it runs on. */
  nodes: number
  wishes: Wishes
  demand: Demand
  load: Load
  rooms: Room[]
  claim: Claim
}

/** Decides whether a launch fits its hosts; pure, and never accepts what exceeds one. */
export function fit(input: FitInput): Fit {
  const found = caseOf(input)
  const answer = answerOf(found)
  if (answer.fits !== false || !found.demand.measured) return answer
  // What one odd launch took must not bar the recipe for ever: where the reckoning alone says nothing against it, the next
  // launch shows. vLLM itself ends before it takes more than its share.
  const reckoned = caseOf({ ...input, launches: [] })
  const refused = reckoned.rooms.some((room) => isShort(hostFit(room, reckoned)))
  return refused ? answer : { ...answerOf(reckoned), fits: null, reason: answer.reason, remedies: answer.remedies }
}

function answerOf(found: Case): Fit {
  const { wishes, demand, rooms, claim } = found
  const hosts = rooms.map((room) => hostFit(room, found))
  const { fits, reason } = verdict(hosts, found)
  const starved = hosts.some(({ lack }) => lack > 0)
  return {
    fits,
    reason,
    remedies: fits === false || (fits === null && starved) ? remediesFor(found) : [],
    hosts: Object.fromEntries(hosts.map(({ room, figures }) => [room.ledger.host, figures])),
    utilization: claim.share,
    computed: claim.by === 'computed',
    context: wishes.context ?? demand.context,
    max_context: mostContext(found),
    basis: demand.measured ? 'measured' : 'estimated',
  }
}

function caseOf(input: FitInput): Case {
  const wishes = wishesOf(input.recipe)
  const demand = demandOf(input, wishes)
  const rooms = input.ledgers.map(roomOf)
  const load = loadOf(wishes, demand)
  return { nodes: input.recipe.nodes, wishes, demand, load, rooms, claim: claimOf(wishes, demand, load, rooms) }
}

// Below this a chat with tools does not get through its first answer.
const usefulContext = 8192
// What vLLM advises for a Spark, and what people reckon with (spark-runtimes §3.3, §4.12): its own default of 1024 sequences at
// full length is no machine's, and further ones wait or share what is left.
const usualSequences = 4

function loadOf({ context: wished, contextGives, sequences, vllm }: Wishes, demand: Demand): Load {
  const context = wished ?? demand.context ?? usefulContext
  return {
    context,
    sequences: vllm ? Math.min(sequences ?? usualSequences, usualSequences) : (sequences ?? 1),
    leastContext: contextGives ? Math.min(context, usefulContext) : context,
  }
}

interface HostCase {
  room: Room
  figures: HostFit
  /** What of the claim is too little to hold the least. */
  lack: number
}

function hostFit(room: Room, { demand, load, claim }: Case): HostCase {
  const needs = room.total === null ? null : claim.bytes(room.total)
  const cache = room.total === null ? null : claim.cache(room.total)
  const lack = cache === null ? 0 : Math.max(0, demand.kv(load.leastContext, 1) - cache)
  const short = needs === null || room.bytes === null ? 0 : Math.max(0, needs - room.bytes)
  const figures: HostFit = {
    needs_bytes: needs,
    room_bytes: room.bytes,
    short_bytes: Math.max(short, lack),
    weights_bytes: demand.weights,
    kv_bytes: demand.shaped && cache !== null ? Math.max(0, cache) : null,
    overhead_bytes: demand.overhead,
  }
  return { room, figures, lack }
}

/** More than it may take, or too little for the least. */
function isShort(host: HostCase): boolean {
  return exceeds(host) || host.lack > 0
}

/** More than it may take; what ends without telling its size gives back all but the reserve at most. */
function exceeds({ room, figures: { needs_bytes: needs } }: HostCase): boolean {
  const most = room.untold && room.total !== null ? room.total - room.ledger.reserve_bytes : room.bytes
  return needs !== null && most !== null && room.bytes !== null && needs > most
}

function verdict(hosts: HostCase[], found: Case): Pick<Fit, 'fits' | 'reason'> {
  const { demand, wishes, nodes } = found
  for (const host of hosts) {
    const { needs_bytes: needs, room_bytes: free } = host.figures
    if (!exceeds(host) || needs === null || free === null) continue
    const more = `${gib(needs - free)} too much`
    return no(`needs ${gib(needs)} on ${host.room.ledger.host}, ${gib(Math.max(0, free))} would be free: ${more}`)
  }
  for (const { room, figures, lack } of hosts) {
    if (lack === 0) continue
    // A pinned share may be too little by a reckoning that errs; the engine refuses it by itself, before it does harm.
    const sure = demand.measured || (!wishes.quantises && (demand.weights ?? 0) > (figures.needs_bytes ?? 0))
    const reason = tooLittle(room.ledger.host, figures, lack, found)
    return sure ? no(reason) : unknown(`${reason}, as far as can be reckoned before it was ever launched`)
  }
  if (hosts.length < nodes) return unknown(`how much memory is free on all of its ${nodes} Sparks is not known`)
  if (demand.weights === null)
    return unknown('how large its weights are is not known: they are in no place that is looked at on its hosts')
  for (const { room, figures } of hosts) {
    const { host } = room.ledger
    if (figures.needs_bytes === null || room.bytes === null)
      return unknown(`how much memory is free on ${host} is not known`)
    if (room.untold && figures.short_bytes > 0)
      return unknown(`how much memory ${room.untold.name} gives back on ${host} is not known`)
  }
  return { fits: true, reason: null }
}

const no = (reason: string) => ({ fits: false, reason })
const unknown = (reason: string) => ({ fits: null, reason })

function tooLittle(host: string, { needs_bytes }: HostFit, lack: number, { demand, load }: Case): string {
  const parts = [
    `${gib(demand.weights ?? 0)} of weights`,
    `${gib(demand.overhead)} around them`,
    `${gib(demand.kv(load.leastContext, 1))} for ${demand.shaped ? `one sequence of ${load.leastContext} tokens` : 'its KV cache, as is usual'}`,
  ]
  return `gets ${gib(needs_bytes ?? 0)} on ${host}, too little for ${parts.join(', ')}: ${gib(lack)} are missing`
}
