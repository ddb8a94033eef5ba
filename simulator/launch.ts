import { wrapperCodes } from '../core/swap/steps/job-scripts'
import { type LauncherCall, runLauncher } from './launcher'
import { type Process, process } from './process'
import type { Spark } from './spark'
import type { World } from './world'

/** A job directory with the wrapper that watches over its launch. */
export interface Launch {
  id: string
  /** Exit code, once it was written. */
  readonly rc: number | null
  readonly log: string
  /** As the scripts see it by pid, start time and boot id. */
  readonly standing: 'alive' | 'gone' | 'restarted'
  /** The file `done`: its model is loaded, or somebody ends it. */
  done: null | 'loaded' | 'ended'
  /** The wrapper finds `done`. */
  finish(): void
  /** The wrapper with the launcher is ended from outside. */
  kill(): void
  /** A fence was claimed: the wrapper notices within a second. */
  claimed(): void
  /** Its Spark restarts. */
  lost(): void
}

// The wrapper looks once a second, and believes it after three misses.
const noticedMs = 4500

/** Begins the launch in its directory, detached from whoever asked. */
export function startLaunch(
  { id, fence, words }: { id: string; fence: number; words: string[] },
  spark: Spark,
  world: World,
): Launch {
  const { time, trace, random } = world
  const wrapper: Process = process(time)
  const { bootId } = spark
  let rc: number | null = null
  let log = ''

  async function work() {
    // Between the answer to the start and the wrapper's own look lies a moment.
    await wrapper.sleep(random.int(5, 50))
    if (launch.done) return end(130)
    if (spark.fence.number > fence) return end(wrapperCodes.superseded)
    const call: LauncherCall = { launch: id, fence, words, spark, wrapper, log: print }
    const outcome = await runLauncher(call, world)
    if (typeof outcome === 'number') return end(outcome)
    if (launch.done) return end(0)
    await outcome.ended
    await wrapper.sleep(noticedMs)
    end(wrapperCodes.engineGone)
  }

  function print(line: string) {
    if (wrapper.alive) log += `${line}\n`
  }

  function end(code: number) {
    if (!wrapper.alive) return
    rc = code
    trace.add(`${spark.host.id} launch ${id} ends with ${code}`)
    wrapper.end()
  }

  const launch: Launch = {
    id,
    get rc() {
      return rc
    },
    get log() {
      return log
    },
    get standing() {
      if (bootId !== spark.bootId) return 'restarted'
      return wrapper.alive ? 'alive' : 'gone'
    },
    done: null,
    // A launcher that is still under way comes to its end first.
    finish: () => void time.after(1000, () => log !== '' && end(0)),
    kill: () => end(143),
    claimed() {
      time.after(random.int(0, 1000), () => {
        if (spark.fence.number > fence) end(wrapperCodes.superseded)
      })
    },
    lost: () => wrapper.end(),
  }
  spark.launches.set(id, launch)
  trace.add(`${spark.host.id} launch ${id} (fence ${fence}) starts`)
  void work()
  return launch
}
