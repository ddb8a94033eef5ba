import { type Call, type Said, UnknownCommand } from './commands'
import type { Container } from './containers'
import type { World } from './world'

/** docker as the steps call it: its daemon finishes what it began, whoever asked is still there or not. */
export async function docker(call: Call, world: World): Promise<Said> {
  const [, verb = '', ...words] = call.argv
  const { spark, process } = call
  const name = words.at(-1) ?? ''
  switch (verb) {
    case 'stop':
      return end(call, name, world.random.int(200, 9000), world, 'stop')
    case 'rm':
      return end(call, name, world.random.int(50, 600), world, 'remove')
    case 'ps':
      await process.sleep(20)
      return { code: 0, stdout: listed(words, spark.faults.liesOfStop ? [] : spark.containers.all()) }
    case 'version':
      return { code: 0, stdout: '28.0\n' }
    case 'image':
      return spark.faults.noImage ? { code: 1, stderr: 'No such image' } : { code: 0, stdout: '["sha256:1"]\n' }
    case 'logs':
      return { code: 0, stdout: (spark.containers.get(name)?.log ?? []).map((line) => `${line}\n`).join('') }
    default:
      throw new UnknownCommand(`simulator: knows no docker ${verb}`)
  }
}

async function end(call: Call, name: string, ms: number, world: World, how: 'stop' | 'remove'): Promise<Said> {
  const { spark, process, fence } = call
  // The daemon looks the name up once: a container that takes the name later is another.
  const meant = spark.containers.get(name)
  if (!meant || (how === 'stop' && !meant.running)) {
    await process.sleep(20)
    return meant ? { code: 0 } : { code: 1, stderr: `No such container: ${name}` }
  }
  if (spark.faults.liesOfStop) return { code: 0, stdout: `${name}\n` }
  if (spark.faults.ignoresStop) {
    await process.sleep(10_000)
    return { code: 1, stderr: 'cannot stop container: tried to kill container, but did not receive an exit event' }
  }
  world.witness.changed(spark, `docker ${how} ${name}`, fence)
  world.time.after(ms, () => {
    if (spark.containers.get(name) === meant) spark.containers[how](name)
  })
  await process.sleep(ms + 10)
  return { code: 0, stdout: `${name}\n` }
}

/** `docker ps` with `--filter name=^…$`, or all. */
function listed(words: string[], all: Container[]): string {
  const filter = words.find((word) => word.startsWith('name='))?.slice('name='.length)
  const pattern = new RegExp(filter ?? '')
  const shown = all.filter(({ name, running }) => pattern.test(name) && (running || words.includes('-a')))
  return shown.map(({ name }) => `${name}\n`).join('')
}
