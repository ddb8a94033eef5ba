import { DockerFailure, fail } from './fail'
import { needDaemon } from './socket'

type Verb = (argv: string[]) => unknown

// A verb's module is loaded when it is asked for: `docker ps` runs every second or two on every host.
const verbs: Record<string, () => Promise<Verb>> = {
  run: async () => (await import('./run')).run,
  exec: async () => (await import('./exec')).exec,
  ps: async () => (await import('./ps')).ps,
  inspect: async () => (await import('./inspect')).inspect,
  logs: async () => (await import('./logs')).logs,
  stop: async () => (await import('./control')).stop,
  start: async () => (await import('./control')).start,
  restart: async () => (await import('./control')).restart,
  kill: async () => (await import('./control')).kill,
  rm: async () => (await import('./control')).rm,
  cp: async () => (await import('./control')).cp,
  top: async () => (await import('./top')).top,
  stats: async () => (await import('./top')).stats,
  images: async () => (await import('./images')).listImages,
  pull: async () => (await import('./images')).pull,
  events: async () => (await import('./events')).events,
  version: async () => (await import('./version')).version,
  info: async () => (await import('./version')).info,
  '--version': async () => () => console.log('Docker version 29.2.1, build a5c7197'),
}

const grouped: Record<string, Record<string, string>> = {
  container: {
    ls: 'ps',
    ps: 'ps',
    inspect: 'inspect',
    rm: 'rm',
    stop: 'stop',
    start: 'start',
    restart: 'restart',
    kill: 'kill',
    logs: 'logs',
    exec: 'exec',
    run: 'run',
    top: 'top',
    cp: 'cp',
    stats: 'stats',
  },
  image: { ls: 'images', pull: 'pull' },
  system: { info: 'info', events: 'events' },
}

async function main([first = '', ...rest]: string[]) {
  const [second = ''] = rest
  if (first !== '--version') needDaemon()
  if (first === 'image' && second === 'inspect') return (await import('./images')).inspectImage(rest.slice(1))
  const inner = grouped[first]?.[second]
  const load = verbs[inner ?? first]
  if (!load)
    return fail(
      `docker: unknown command: docker ${[first, grouped[first] ? second : ''].join(' ').trim()}\n\nRun 'docker --help' for more information`,
    )
  const verb = await load()
  return verb(inner ? rest.slice(1) : rest)
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof DockerFailure)) throw error
  console.error(error.message)
  process.exitCode = error.code
})
