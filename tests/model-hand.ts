import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JobView } from '../core/jobs/job'
import { processesOf } from '../demo/machine/processes'
import { type TestCluster, until } from './cluster'

interface MenuModel {
  repo: string
  hosts: Record<string, { state: string }>
}

/** Downloads and deletes models of a test cluster, and looks at what became of them. */
export function modelHand(spark: Pick<TestCluster, 'cluster' | 'ask'>) {
  const directory = (host: string) => join(spark.cluster.directory, 'hosts', host)
  const hubOf = (host: string) => join(directory(host), 'home/.cache/huggingface/hub')
  const folderOf = (host: string, repo: string) => join(hubOf(host), `models--${repo.replace('/', '--')}`)

  async function view(job: string): Promise<JobView> {
    return (await spark.ask('GET', `/api/jobs/${job}`)).json()
  }

  function ended(job: string): Promise<JobView> {
    return until(
      `${job} to end`,
      async () => {
        const found = await view(job)
        return found.ended_at === null ? null : found
      },
      50_000,
    )
  }

  async function models(): Promise<MenuModel[]> {
    return (await (await spark.ask('GET', '/api/models')).json()).models
  }

  return {
    view,
    ended,
    hubOf,
    folderOf,
    models,
    download: (repo: string, hosts?: string[], headers: Record<string, string> = {}) =>
      spark.ask('POST', '/api/models/download', { repo, ...(hosts ? { hosts } : {}) }, headers),
    remove: (repo: string) => spark.ask('DELETE', `/api/models/${repo}`),
    /** The job of an accepted answer, once it has ended. */
    async job(answer: Response): Promise<JobView> {
      const body = (await answer.json()) as { job?: string; error?: { message: string } }
      if (!body.job) throw new Error(`${answer.status} ${body.error?.message}; a job was to begin`)
      return ended(body.job)
    },
    /** Every view of a job until its end. */
    async follow(job: string): Promise<JobView[]> {
      const seen: JobView[] = []
      await until(`${job} to end`, async () => {
        const found = await view(job)
        seen.push(found)
        return found.ended_at === null ? null : true
      })
      return seen
    },
    /** Waits until the running phase of the job says so. */
    says: (job: string, words: string | RegExp) =>
      until(`${job} to say ${words}`, async () => {
        const found = await view(job)
        const said = found.phases.find(({ name }) => name === found.phase)?.detail ?? ''
        if (said.match(words)) return found
        if (found.ended_at !== null)
          throw new Error(`${job}: ended as ${found.state} (${found.error?.message}) without saying ${words}`)
        return null
      }),
    /** As the menu shows it, by host; null where it has no card. */
    async stateOf(repo: string): Promise<Record<string, string> | null> {
      const found = (await models()).find((each) => each.repo === repo)
      return found ? Object.fromEntries(Object.entries(found.hosts).map(([id, { state }]) => [id, state])) : null
    },
    /** Sizes of the files of a model's snapshot by path, links followed. */
    sizes(host: string, repo: string): Record<string, number> {
      const snapshots = join(folderOf(host, repo), 'snapshots')
      const top = join(snapshots, readdirSync(snapshots)[0] ?? '')
      return Object.fromEntries(readdirSync(top).map((name) => [name, statSync(realpathSync(join(top, name))).size]))
    },
    blobBytes(host: string, repo: string): number {
      const blobs = join(folderOf(host, repo), 'blobs')
      return readdirSync(blobs).reduce((sum, name) => sum + statSync(join(blobs, name)).size, 0)
    },
    /** What is left of deletes. */
    trash(host: string): string[] {
      const folder = join(hubOf(host), '.spark-control-trash')
      return existsSync(folder) ? readdirSync(folder) : []
    },
    /** Argument lists of all that runs there, as `ps` would show them. */
    commands: (host: string) => processesOf({ directory: directory(host) }).map(({ args }) => args.join(' ')),
    /** The texts of all files in the job directories there. */
    jobFiles(host: string): string[] {
      const jobs = join(directory(host), 'home/.spark-control/transfers')
      const names = existsSync(jobs) ? readdirSync(jobs, { recursive: true, encoding: 'utf8' }) : []
      return names
        .map((name) => join(jobs, name))
        .flatMap((path) => (statSync(path).isFile() ? readFileSync(path, 'utf8') : []))
    },
    /** Removes a model behind the back of the control plane. */
    forget(host: string, repo: string) {
      rmSync(folderOf(host, repo), { recursive: true, force: true })
    },
  }
}
