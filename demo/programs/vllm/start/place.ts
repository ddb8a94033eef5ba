import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { alive } from '../../../machine/processes'

/** What can be wrong with a model on a simulated Spark. */
export type ModelFault = 'fail-at-start' | 'fail-at-load' | 'stall-at-load' | 'wrong-model'

/** Where a server runs: what its simulated Spark told it. */
export interface Place {
  directory: string
  cluster: string
  address: string
  speed: number
  tokenMs: number
}

/** Reads the place from the environment. Throws where there is none. */
export function readPlace(environment: Record<string, string | undefined>): Place {
  const { SPARK_SIM_DIR, SPARK_SIM_CLUSTER, SPARK_SIM_ADDRESS, SPARK_SIM_SPEED, SPARK_SIM_TOKEN_MS } = environment
  if (!SPARK_SIM_DIR) throw new Error('SPARK_SIM_DIR: not set; this program runs on a simulated Spark only')
  return {
    directory: SPARK_SIM_DIR,
    cluster: SPARK_SIM_CLUSTER ?? SPARK_SIM_DIR,
    address: SPARK_SIM_ADDRESS ?? '127.0.0.1',
    speed: Number(SPARK_SIM_SPEED ?? 1) || 1,
    tokenMs: Number(SPARK_SIM_TOKEN_MS ?? 20),
  }
}

/** The fault that was set for a model, or null. */
export function readModelFault({ cluster }: Place, model: string): ModelFault | null {
  try {
    const text = readFileSync(join(cluster, 'faults/models', `${model.replaceAll('/', '--')}.json`), 'utf8')
    return (JSON.parse(text) as { kind: ModelFault }).kind
  } catch {
    return null
  }
}

/**
 * Takes a port long before it is opened, as a bound socket does; false when another process has it. The kernel offers no
 * bind without listen here, so a file stands for it.
 */
export async function reservePort({ directory, address }: Place, port: number): Promise<boolean> {
  const file = join(directory, 'state/ports', String(port))
  mkdirSync(join(directory, 'state/ports'), { recursive: true })
  const owner = ownerOf(file)
  if ((owner !== null && alive(owner)) || (await answers(address, port))) return false
  writeFileSync(file, String(process.pid))
  process.on('exit', () => rmSync(file, { force: true }))
  return true
}

function ownerOf(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
