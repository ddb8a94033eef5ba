import type { Answers } from '../cluster/answers'
import type { FoundContainer, Seen } from './found'
import type { Recognised } from './recognise'

const bytesInKib = 1024
/** The two halves of a ConnectX port are named enp1s0f… and enP2p1s0f…; either may carry the address. */
const connectX = /^en[pP]\d+(p\d+)?s0f\dnp\d/

/** Reads what a look brought; its engines are asked for afterwards. */
export function readSeen({ get, all, has }: Answers): Omit<Seen, 'engines'> & { engines: [] } {
  const home = get('home')
  const [gpu = '', driver = ''] = get('gpu')
    .split(',')
    .map((each) => each.trim())
  const addresses = all('address').flatMap((row) => {
    const [, name = '', address = ''] = /^\d+:\s+(\S+)\s+inet (\d+\.\d+\.\d+\.\d+)/.exec(row) ?? []
    return address === '' || address.startsWith('127.') ? [] : [{ name, address }]
  })
  const models = Number(get('hub-models')) || 0
  const launcher = get('launcher')
  return {
    hostname: get('hostname').slice(0, 64),
    bootId: get('boot-id'),
    machineId: get('machine-id'),
    gpu: gpu.slice(0, 80),
    driver: driver.slice(0, 40),
    memoryBytes: kibibytes(/(\d+) kB/.exec(get('memory'))?.[1]),
    diskFreeBytes: kibibytes(get('disk').split(' ')[3]),
    launcher: launcher === '' ? null : launcher === home ? '~/' : launcher.replace(`${home}/`, '~/'),
    addresses,
    fabric: addresses.find(({ name }) => connectX.test(name))?.address ?? null,
    docker: has('docker'),
    containers: containersOf(all('container'), all('process')),
    cache:
      models === 0
        ? null
        : { path: get('hub').replace(`${home}/`, '~/'), models, bytes: Number(get('hub-size')) || null },
    engines: [],
  }
}

function containersOf(rows: string[], processes: string[]): FoundContainer[] {
  return rows.map((row) => {
    const [name = '', state = '', image = '', published = ''] = row.split('|')
    const commands = processes.filter((each) => each.startsWith(`${name} `)).join('\n')
    const named = [...commands.matchAll(/(?:--port[ =]|-p |:)(\d{2,5})\b/g)].map(([, port]) => Number(port))
    const ports = [...published.matchAll(/:(\d+)->/g)].map(([, port]) => Number(port))
    return { name, state, image, ports: [...new Set([...ports, ...named])] }
  })
}

/** Whose port it is: published or named by its command, else by a name that tells. */
export function containerAt(port: number, { engine }: Recognised, containers: FoundContainer[]): FoundContainer | null {
  const running = containers.filter(({ state }) => state === 'running')
  const word = engine.replace(/[^a-z]/g, '')
  return (
    running.find(({ ports }) => ports.includes(port)) ??
    running.find(({ name, image }) =>
      `${name} ${image}`
        .toLowerCase()
        .replace(/[^a-z ]/g, '')
        .includes(word),
    ) ??
    null
  )
}

function kibibytes(text: string | undefined): number | null {
  const amount = Number(text)
  return text === undefined || text === '' || Number.isNaN(amount) ? null : amount * bytesInKib
}
