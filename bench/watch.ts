import { until } from '../tests/cluster'
import { cost } from '../tests/lab/cost'
import { diary } from '../tests/lab/diary'
import { labCluster } from '../tests/lab/lab'
import { labObstacle } from '../tests/lab/needs'
import { program } from '../tests/program'
import type { Report } from './report'
import { quantile } from './rounds'
import { type Ground, type Measured, watchedFaults } from './watched-faults'
import { watchedLoad } from './watched-load'

const costSeconds = 60
/** Docker is still at work for a while after it has started. */
const restMs = 8000

/**
 * How soon faults of real Sparks are noticed, how true their record is, and what the watching costs a Spark.
 * @param minutes how long an engine is kept saturated
 */
export async function watch(minutes: number): Promise<Report> {
  const obstacle = labObstacle()
  if (obstacle) throw new Error(obstacle)
  const lab = await labCluster()
  const [spark] = lab.hosts
  await Bun.sleep(restMs)
  const alone = spark && (await cost(spark, costSeconds / 2))
  const serve = program(['serve', '--config', lab.configPath, '--data', lab.data, '--port', '0'])
  try {
    const plane = diary(await serve.line(/^ready (\S+)$/))
    const ground: Ground = { lab, plane, settled: () => settled(plane.read) }
    await ground.settled()
    await Bun.sleep(restMs)
    const watched = spark && (await cost(spark, costSeconds))
    const measured: Measured[] = [
      ...(await watchedFaults(ground)),
      ...(await watchedLoad(ground, minutes)),
      ...(alone && watched
        ? [
            { name: 'what comes in by SSH, % of a core', goal: 1, values: [watched.sshPercent] },
            { name: 'Docker on top, % of a core', goal: 1, values: [watched.dockerPercent - alone.dockerPercent] },
            {
              name: 'processes and threads begun on top, per s',
              goal: Number.NaN,
              values: [watched.begunPerSecond - alone.begunPerSecond],
            },
          ]
        : []),
    ]
    plane.close()
    return {
      title: 'Watching real Sparks',
      rows: measured.map(({ name, goal, values }) => ({
        name,
        figures: { median: quantile(values, 0.5), worst: Math.max(...values), goal },
      })),
      notes: [
        'Two hosts with OpenSSH and Docker in namespaces. Each fault five times, each outage three times.',
        `Cost: over ${costSeconds} s without any fault, beside the same host unwatched.`,
      ],
    }
  } finally {
    serve.kill()
    await serve.exited
    await lab.stop()
  }
}

async function settled(read: <T>(path: string) => Promise<T>) {
  await until(
    'everything to be up',
    async () => {
      const { hosts, services } = await read<Record<'hosts' | 'services', { state: string }[]>>('/api/cluster')
      return [...hosts, ...services].every(({ state }) => state === 'up') ? true : null
    },
    60_000,
  )
  // The links are a while old when the next fault comes, as in life.
  await Bun.sleep(1500 + Math.random() * 500)
}
