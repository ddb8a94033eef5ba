import { expect } from 'bun:test'
import { join } from 'node:path'
import type { JobView } from '../core/jobs/job'
import { type TestCluster, until } from './cluster'

/** Acts on services of a test cluster, and looks at what became of it. */
export function serviceHand(spark: TestCluster) {
  const folder = join(spark.cluster.directory, 'hosts/spark-2')

  /** The job of an accepted action, once it has ended. */
  async function job(answer: Response): Promise<JobView> {
    const body = (await answer.json()) as { job: string }
    expect([answer.status, body]).toEqual([202, { job: expect.any(String) }])
    return until(`${body.job} to end`, async () => {
      const found = (await (await spark.ask('GET', `/api/jobs/${body.job}`)).json()) as JobView
      return found.ended_at === null ? null : found
    })
  }

  return {
    job,
    act: (service: string, action: string, headers: Record<string, string> = {}) =>
      spark.ask('POST', `/api/services/${service}/${action}`, undefined, headers),
    view: async (id: string) => (await spark.ask('GET', `/api/services/${id}`)).json(),
    async done(answer: Response): Promise<JobView> {
      const ended = await job(answer)
      expect([ended.state, ended.error]).toEqual(['done', null])
      return ended
    },
    /** Of a container on the second Spark, as docker tells it. */
    async startedAt(container: string): Promise<string> {
      const told = await spark.cluster.hosts[1]?.run(`docker inspect --format '{{.State.StartedAt}}' ${container}`)
      return told?.stdout.trim() ?? ''
    },
    /** The file that a container on the second Spark logs to. */
    logOf: (container: string) => join(folder, 'state/containers', container, 'log'),
    /** The folder of the second Spark. */
    folder,
  }
}
