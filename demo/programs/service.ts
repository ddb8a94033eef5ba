import { watchFaults } from './faults'
import { type Call, type Reply, serve } from './server'
import { createClaim } from './vllm/start/claim'
import { readPlace } from './vllm/start/place'

export interface ServiceOptions {
  /** As `nvidia-smi` shows it. */
  name: string
  /** Unified memory that it holds. */
  bytes: number
  /** Health path, slow under the fault `busy`. */
  probe: string
  handle(call: Call): Reply | Promise<Reply>
  /** Called 4 times a second under the fault `busy`: work goes on. */
  work(): void
}

/** Runs a small server on the simulated Spark that the environment names, on the port of `--port N`. */
export async function runService({ name, bytes, probe, handle, work }: ServiceOptions): Promise<void> {
  const port = Number(process.argv[process.argv.indexOf('--port') + 1])
  if (!process.argv.includes('--port') || !Number.isInteger(port)) {
    console.error(`${name}: --port N is missing; say which port to serve on`)
    process.exit(2)
  }
  const place = readPlace(process.env)
  const faults = watchFaults(place.directory, port)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0))
  createClaim(place.directory, name).set(bytes)
  faults.onBusy(work)
  try {
    await serve({
      address: place.address,
      port,
      probe,
      faults,
      async handle(call) {
        // One that stands still goes on telling how it is.
        if (call.method !== 'GET') await faults.over('stall', call.signal)
        return handle(call)
      },
    })
  } catch {
    console.error(
      `${name}: [Errno 98] error while attempting to bind on address ('0.0.0.0', ${port}): address already in use`,
    )
    process.exit(1)
  }
  console.log(`INFO:     Uvicorn running on http://0.0.0.0:${port} (Press CTRL+C to quit)`)
}
