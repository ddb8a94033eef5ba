import { right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

/** The GPU, its driver, and signs that it lacks power. */
export function gpuChecks(examined: Examined): Verdict[] {
  const { answers } = examined
  if (!answers.has('gpu')) return [noGpu(answers.get('gpu-problem'))]
  const { name, driver } = gpuOf(examined)
  const seen = /GB10|GB20|GH200|B300/.test(name)
    ? right('gpu', `nvidia-smi sees the ${name}`)
    : wrong('gpu', `nvidia-smi sees ${name || 'no GPU'}, which is no GB10`, 'check that this address is a DGX Spark')
  return [seen, driverCheck(driver), ...power(answers.get('gpu'))]
}

/** Name and driver version as nvidia-smi told them. */
export function gpuOf({ answers }: Examined): { name: string; driver: string } {
  const [name = '', driver = ''] = answers
    .get('gpu')
    .split(',')
    .map((each) => each.trim())
  return { name, driver }
}

function noGpu(problem: string): Verdict {
  if (problem.startsWith('124 '))
    return wrong(
      'gpu',
      'nvidia-smi hangs: the driver is stuck',
      'restart that Spark, and unplug it if that hangs too',
      'sudo reboot',
    )
  if (/mismatch/i.test(problem))
    return wrong('gpu', 'the driver was updated but not loaded', 'run there', 'sudo reboot')
  if (problem === 'missing' || problem === '')
    return wrong('gpu', 'nvidia-smi is not there', 'check that this address is a DGX Spark')
  return wrong('gpu', `nvidia-smi fails: ${problem.slice(0, 120)}`, 'restart that Spark', 'sudo reboot')
}

// 590.x deadlocks in CUDA graphs on GB10; what is newer than that is not known to.
function driverCheck(driver: string): Verdict {
  const major = Number(driver.split('.')[0])
  if (major === 590)
    return wrong(
      'driver',
      `driver ${driver} is known to hang models on this hardware`,
      'go back to 580.x there, then reboot',
      'sudo apt install nvidia-driver-580-open',
    )
  if (major > 0 && major < 580)
    return wrong(
      'driver',
      `driver ${driver} is older than 580.x`,
      'update DGX OS there, then reboot',
      'sudo apt update && sudo apt full-upgrade',
    )
  return right('driver', `driver ${driver || 'unknown'}`)
}

/** After a crash a Spark can stay at a few watts until it is unplugged. */
function power(row: string): Verdict[] {
  const [utilization = Number.NaN, watts = Number.NaN, clock = Number.NaN] = row
    .split(',')
    .slice(2)
    .map((each) => Number(each))
  if (!(utilization >= 90 && watts < 15 && clock < 1000)) return []
  return [
    wrong(
      'power',
      `the GPU is ${utilization} % busy at only ${watts} W and ${clock} MHz: it is stuck in a low-power state`,
      'shut that Spark down, unplug its power supply for a minute, and start it again',
    ),
  ]
}
