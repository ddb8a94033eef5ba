import { docker } from './docker-commands'
import { launchScripts } from './launch-commands'
import type { Process } from './process'
import type { Fence, Spark } from './spark'
import type { World } from './world'

/** A command as it runs on a simulated Spark. */
export interface Call {
  spark: Spark
  argv: readonly string[]
  input: string
  /** Number and job of the fence that it runs behind; null where it runs behind none. */
  fence: Fence | null
  /** Ends when it is cut off; what docker's daemon began goes on. */
  process: Process
}

export interface Said {
  code: number
  stdout?: string
  stderr?: string
}

/** A command that the simulator does not know: it has to learn it. */
export class UnknownCommand extends Error {
  override name = 'UnknownCommand'
}

/** Runs a command that the steps send. */
export async function runCommand(call: Call, world: World): Promise<Said> {
  const { argv, spark } = call
  const [program, ...words] = argv
  if (program === 'docker') return docker(call, world)
  if (program === 'cat' && words[0] === '/proc/meminfo') return memory(spark)
  if (program === 'sh' || program === 'perl') {
    const [, , name = '', ...params] = words
    if (name === 'spark-control-fence') return fence(call, params, world)
    if (name === 'spark-control-home') {
      const inner = call.input.split('\n').slice(0, -1)
      return runCommand({ ...call, argv: inner, input: '' }, world)
    }
    if (name === 'spark-control-log') return docker({ ...call, argv: ['docker', 'logs', params[0] ?? ''] }, world)
    if (name === 'spark-control-preflight') return preflight(call, params, world)
    const script = launchScripts[name]
    if (script) return script(call, params, world)
  }
  // The heads have a launcher of today.
  if (program === 'grep') return { code: 0, stdout: '--solo\n%q\n' }
  if (program === 'test' || program === 'true') return { code: 0 }
  throw new UnknownCommand(`simulator: knows no command ${argv.map((word) => word.slice(0, 60)).join(' ')}`)
}

function memory({ total, available }: Spark): Said {
  const kib = (bytes: number) => Math.max(0, Math.round(bytes / 1024))
  return { code: 0, stdout: `MemTotal:       ${kib(total)} kB\nMemAvailable:   ${kib(available())} kB\n` }
}

async function preflight(call: Call, params: string[], world: World): Promise<Said> {
  let stdout = ''
  for (let rest = params; rest.length > 0; ) {
    const count = Number(rest[0])
    const argv = rest.slice(1, 1 + count)
    const said = await runCommand({ ...call, argv }, world)
    stdout += `${said.code} ${said.stdout?.split('\n')[0] ?? ''}\n`
    rest = rest.slice(1 + count)
  }
  return { code: 0, stdout }
}

async function fence(call: Call, [action, ...params]: string[], world: World): Promise<Said> {
  const { spark, process } = call
  if (action === 'read') return { code: 0, stdout: `${spark.fence.number}\n` }
  const [number = 0, wait = 0] = [params[0], params[2]].map(Number)
  const job = params[1] ?? ''
  const refuse = (code: number): Said => ({
    code,
    stderr: `spark-control-fence ${spark.fence.number} ${spark.fence.job}\n`,
  })
  let release = spark.lock.tryTake(action === 'claim')
  for (let tries = 0; !release; tries++) {
    if (tries >= wait * 20) return refuse(92)
    await process.sleep(50)
    release = spark.lock.tryTake(action === 'claim')
  }
  void process.ended.then(release)
  const { number: stands, job: holder } = spark.fence
  const higher = stands > number || (stands === number && holder !== job)
  if (higher && !spark.faults.noFence) return refuse(90)
  if (action === 'claim') {
    if (stands < number) {
      world.witness.claimed(spark, number)
      spark.fence = { number, job }
      world.trace.add(`${spark.host.id} fence ${number} by ${job}`)
      for (const launch of spark.launches.values()) launch.claimed()
    }
    return { code: 0 }
  }
  if (stands < number) return refuse(91)
  return limited({ ...call, argv: params.slice(4), fence: { number, job } }, Number(params[3]), world)
}

/** The guard ends what takes too long; what docker's daemon began of it goes on. */
async function limited(call: Call, limitS: number, world: World): Promise<Said> {
  let over = false
  const late = new Promise<Said>((resolve) => {
    world.time.after(limitS * 1000, () => {
      if (!over) resolve({ code: 143 })
    })
  })
  const said = await Promise.race([runCommand(call, world), late])
  over = true
  return said
}
