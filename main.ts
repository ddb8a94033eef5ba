import { UsageError } from './commands/options'
import { jsonLog } from './core/log'
import { loadKinds } from './handlers/kinds'

const usage = `usage: main.ts COMMAND [options]
  serve     run the control plane            [--config FILE] [--data DIR] [--port N]
  demo      the same on simulated Sparks     [--port N] [--speed X] [--hosts N] [--faults-port N] [--cluster-only]
  check     validate a config or a recipe    FILE [--json]
  doctor    look at every declared host      [--config FILE] [--data DIR] [--json]
  discover  look at Sparks, print a config   USER@ADDRESS…`

// Each command is loaded on its own: what one needs must not slow down another.
const commands: Record<string, (argv: string[]) => Promise<number>> = {
  serve: async (argv) => (await import('./commands/serve')).serve(argv, await loadKinds()),
  demo: async (argv) => (await import('./commands/demo')).demo(argv, await loadKinds()),
  check: async (argv) => (await import('./commands/check')).check(argv, { kinds: await loadKinds() }),
  doctor: async (argv) => (await import('./commands/doctor')).doctor(argv, await loadKinds()),
  discover: async (argv) => (await import('./commands/discover')).discover(argv, await loadKinds()),
}

async function main([name = '', ...argv]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    console.error(usage)
    return name === 'help' || name === '--help' ? 0 : 2
  }
  try {
    return await command(argv)
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : `${name}: ${(error as Error).message}`)
    return error instanceof UsageError ? 2 : 1
  }
}

// A slip in one corner must not end the watch over everything else; it is told, and the rest goes on.
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (error: unknown) =>
    jsonLog().error(event, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
}

process.exit(await main(process.argv.slice(2)))
