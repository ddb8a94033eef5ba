import type { Call, Said } from './commands'
import { type Launch, startLaunch } from './launch'
import { wordsIn } from './words'
import type { World } from './world'

type Script = (call: Call, params: string[], world: World) => Promise<Said>

/** The scripts of core/swap/steps/job-scripts.ts by their names, as they behave. */
export const launchScripts: Record<string, Script> = {
  'spark-control-start': start,
  'spark-control-read': read,
  'spark-control-finish': finish,
  'spark-control-kill': kill,
  'spark-control-sweep': sweep,
}

const whole = '\n#whole\n'

async function start({ spark, input, process, fence }: Call, params: string[], world: World): Promise<Said> {
  const [id = '', , number] = params
  if (!input.endsWith(whole)) return { code: 1, stderr: 'the words did not come whole' }
  const [, , , starts, , , , , , ...words] = wordsIn(input.slice(0, -whole.length))
  for (let tries = 0; tries < 15 && spark.starting.has(id); tries++) await process.sleep(200)
  if (spark.launches.has(id) && !spark.faults.forgetsLaunches) return { code: 0, stdout: 'attached\n' }
  world.witness.changed(spark, `start ${id}`, fence)
  // Between mkdir and the wrapper's first breath lies a moment in which this can be cut off.
  spark.starting.add(id)
  await process.sleep(world.random.int(5, 40))
  spark.starting.delete(id)
  startLaunch({ id, fence: Number(number), words: words.slice(0, Number(starts)) }, spark, world)
  return { code: 0, stdout: 'started\n' }
}

async function read({ spark }: Call, [id = '', from = '1']: string[]): Promise<Said> {
  const launch = spark.launches.get(id)
  if (!launch) return spark.starting.has(id) ? { code: 0, stdout: '- new\n' } : { code: 3 }
  return { code: 0, stdout: `${launch.rc ?? '-'} ${launch.standing}\n${launch.log.slice(Number(from) - 1)}` }
}

async function finish({ spark }: Call, [id = '']: string[]): Promise<Said> {
  const launch = spark.launches.get(id)
  if (launch) {
    launch.done = 'loaded'
    launch.finish()
  }
  return { code: 0 }
}

async function kill(call: Call, [id = '']: string[], world: World): Promise<Said> {
  const launch = call.spark.launches.get(id)
  if (launch) await end(call, launch, world)
  return { code: 0 }
}

async function sweep(call: Call, [job = '']: string[], world: World): Promise<Said> {
  const left = [...call.spark.launches.values()].filter(
    ({ id, rc, done }) => id !== job && !id.startsWith(`${job}-back-`) && rc === null && done !== 'loaded',
  )
  const alive = left.filter(({ standing }) => standing === 'alive')
  await Promise.all(left.map((each) => end(call, each, world)))
  call.spark.swept = Math.max(call.spark.swept, call.fence?.number ?? 0)
  return { code: 0, stdout: alive.map(({ id }) => `${id}\n`).join('') }
}

async function end({ spark, process, fence }: Call, launch: Launch, world: World): Promise<void> {
  if (launch.rc === null) launch.done = 'ended'
  if (launch.standing !== 'alive' || launch.rc !== null) return
  world.witness.changed(spark, `end ${launch.id}`, fence)
  launch.kill()
  await process.sleep(world.random.int(10, 400))
}
