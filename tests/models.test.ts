import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { JobView } from '../core/jobs/job'
import type { JobFailure } from '../core/jobs/job-failure'
import { removeModel } from '../core/models/transfer/remove-model'
import { licensedToken } from '../demo/hub'
import { small, type TestCluster, testCluster, until } from './cluster'
import { modelHand } from './model-hand'

let spark: TestCluster
let hand: ReturnType<typeof modelHand>

const quick = 'openai/gpt-oss-20b'
const reranker = 'Qwen/Qwen3-Reranker-4B'
const long = 'nvidia/Qwen3.5-122B-A10B-NVFP4'
const gated = 'meta-llama/Llama-3.2-1B-Instruct'

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({ speed: 30 })
  hand = modelHand(spark)
  await spark.settled()
})
afterAll(() => spark.stop())
afterEach(() => spark.cluster.faults.clear())

const outcome = ({ state, error }: JobView) => [state, error]
const fault = (kind: 'gated' | 'rate-limited' | 'broken' | 'incomplete' | 'truncate', repo: string, seconds = 60) =>
  spark.cluster.faults.hub(kind, repo, seconds)
const detail = (job: JobView, phase: string) => job.phases.find(({ name }) => name === phase)?.detail ?? ''
const toolRuns = (repo: string) =>
  hand.commands('spark-1').some((line) => line.includes('download') && line.includes(repo))

describe('a download', () => {
  test('brings a model onto the head, tells how far it is, and the menu says that it is ready', async () => {
    const answer = await hand.download(quick)
    const { job } = await answer.json()
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/jobs/${job}`])
    const seen = await hand.follow(job)
    const last = seen.at(-1)
    expect([last?.state, last?.error, last?.progress, last?.eta_s]).toEqual(['done', null, 1, null])
    expect(last?.transfer?.total_bytes).toBe(13_761_270_733)
    expect(last?.transfer?.done_bytes).toBe(13_761_270_733)
    const bar = seen.map(({ progress }) => progress)
    expect(bar).toEqual(bar.toSorted((a, b) => a - b))
    expect(await hand.stateOf(quick)).toEqual({ 'spark-1': 'ready', 'spark-2': 'missing' })
    const { events } = await (await spark.ask('GET', '/api/history?limit=20')).json()
    expect(events.map(({ text }: { text: string }) => text)).toContain(`Download ${quick}: done`)
  })

  test('of what is there already ends at once, and one of what another Spark has is a copy', async () => {
    const there = await hand.job(await hand.download(quick))
    expect([there.state, detail(there, 'check')]).toEqual(['done', 'is whole on spark-1 already'])
    const copied = await hand.job(await hand.download('Qwen/Qwen3-8B', ['spark-2']))
    expect(outcome(copied)).toEqual(['done', null])
    expect(detail(copied, 'download')).toBe('spark-1 has it already')
    expect(hand.sizes('spark-2', 'Qwen/Qwen3-8B')).toEqual(hand.sizes('spark-1', 'Qwen/Qwen3-8B'))
    expect(await hand.stateOf('Qwen/Qwen3-8B')).toEqual({ 'spark-1': 'ready', 'spark-2': 'ready' })
  })

  test('for several Sparks comes over the line once, and over the link between them', async () => {
    const job = await hand.job(await hand.download(reranker, ['spark-1', 'spark-2']))
    expect(outcome(job)).toEqual(['done', null])
    expect(hand.sizes('spark-2', reranker)).toEqual(hand.sizes('spark-1', reranker))
    expect(await hand.stateOf(reranker)).toEqual({ 'spark-1': 'ready', 'spark-2': 'ready' })
  })

  test('waits for no Spark that it does not need yet, and brings the model there once it is back', async () => {
    const repo = reranker
    hand.forget('spark-1', repo)
    hand.forget('spark-2', repo)
    await spark.cluster.faults.host('spark-2', 'link-down', 60)
    await spark.host('spark-2', 'unreachable')
    const { job } = await (await hand.download(repo, ['spark-1', 'spark-2'])).json()
    await until('the copy to wait', async () => ((await hand.view(job)).phase === 'copy' ? true : null))
    expect(detail(await hand.view(job), 'check')).toContain('could not ask spark-2 yet')
    expect((await hand.stateOf(repo))?.['spark-1']).toBe('ready')
    await spark.cluster.faults.clear()
    expect(outcome(await hand.ended(job))).toEqual(['done', null])
    expect(hand.sizes('spark-2', repo)).toEqual(hand.sizes('spark-1', repo))
  })

  test('mends what a bad copy has left: links into a store that other models share arrive as files', async () => {
    const repo = 'Qwen/Qwen3-Embedding-0.6B'
    expect((await hand.stateOf(repo))?.['spark-2']).toBe('partial')
    expect(outcome(await hand.job(await hand.download(repo, ['spark-2'])))).toEqual(['done', null])
    expect(hand.sizes('spark-2', repo)).toEqual(hand.sizes('spark-1', repo))
    expect((await hand.stateOf(repo))?.['spark-2']).toBe('ready')
  })

  test('goes on with what a broken-off one has left', async () => {
    const repo = 'Intel/Qwen3.5-122B-A10B-int4-AutoRound'
    const left = hand.blobBytes('spark-2', repo)
    const { job } = await (await hand.download(repo, ['spark-2'])).json()
    const first = await hand.says(job, 'GiB of')
    expect([left > 20e9, (first.transfer?.done_bytes ?? 0) >= left]).toEqual([true, true])
    expect(outcome(await hand.ended(job))).toEqual(['done', null])
    expect((await hand.stateOf(repo))?.['spark-2']).toBe('ready')
  })

  test('that is cancelled ends the tool and keeps what has arrived; the next goes on with it', async () => {
    const { job } = await (await hand.download(long)).json()
    await hand.says(job, 'GiB of')
    await until('some of it', async () => (((await hand.view(job)).transfer?.done_bytes ?? 0) > 10e9 ? true : null))
    expect(toolRuns(long)).toBe(true)
    expect((await spark.ask('DELETE', `/api/jobs/${job}`)).status).toBe(200)
    expect(outcome(await hand.ended(job))).toEqual(['cancelled', null])
    expect(toolRuns(long)).toBe(false)
    const kept = hand.blobBytes('spark-1', long)
    expect(kept).toBeGreaterThan(10e9)
    const again = await (await hand.download(long)).json()
    expect(again.job).not.toBe(job)
    const next = await hand.says(again.job, 'GiB of')
    expect(next.transfer?.done_bytes).toBeGreaterThanOrEqual(kept)
    await spark.ask('DELETE', `/api/jobs/${again.job}`)
    await hand.ended(again.job)
  })

  test('survives a link that is cut and a Spark that restarts', async () => {
    const { job } = await (await hand.download(long)).json()
    await hand.says(job, 'GiB of')
    await spark.cluster.faults.host('spark-1', 'link-down', 3)
    await hand.says(job, 'waiting for spark-1')
    await hand.says(job, 'GiB of')
    await spark.cluster.faults.host('spark-1', 'reboot', 1)
    expect(outcome(await hand.ended(job))).toEqual(['done', null])
    expect((await hand.stateOf(long))?.['spark-1']).toBe('ready')
  })
})

describe('fault row 25: the disk is full', () => {
  test('a download that would not fit is refused with figures', async () => {
    await spark.cluster.faults.host('spark-1', 'disk-full', 30)
    const job = await hand.job(await hand.download('Qwen/Qwen3-VL-Embedding-8B'))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'no_room' } })
    expect(job.error?.message).toContain('0.0 GiB are free')
    expect(job.error?.remedy).toContain('delete there: ')
    expect(existsSync(hand.folderOf('spark-1', 'Qwen/Qwen3-VL-Embedding-8B'))).toBe(false)
  })

  test('a download that fills it waits, keeps what has arrived, and goes on when there is room', async () => {
    const repo = 'Qwen/Qwen3.6-35B-A3B-FP8'
    const { job } = await (await hand.download(repo)).json()
    await until('some of it', async () => (((await hand.view(job)).transfer?.done_bytes ?? 0) > 0 ? true : null))
    await spark.cluster.faults.host('spark-1', 'disk-full', 5)
    const waiting = await hand.says(job, /disk full on spark-1: .* GiB free, .* GiB needed/)
    expect([waiting.state, waiting.error]).toEqual(['running', null])
    expect(hand.blobBytes('spark-1', repo)).toBeGreaterThan(0)
    expect(outcome(await hand.ended(job))).toEqual(['done', null])
  })
})

describe('fault row 26', () => {
  test('a tool that says it is done while a part is left: failed, not ready, and the next one goes on with it', async () => {
    const repo = 'Qwen/Qwen3-VL-Embedding-8B'
    fault('incomplete', repo)
    const job = await hand.job(await hand.download(repo))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'incomplete' } })
    expect(job.error?.remedy).toContain('download again')
    expect((await hand.stateOf(repo))?.['spark-1']).not.toBe('ready')
    expect(outcome(await hand.job(await hand.download(repo)))).toEqual(['done', null])
    expect((await hand.stateOf(repo))?.['spark-1']).toBe('ready')
  })
})

describe('fault row 27', () => {
  test('a shard that came too short is named, and it alone is fetched again', async () => {
    const repo = quick
    hand.forget('spark-1', repo)
    fault('truncate', repo)
    const job = await hand.job(await hand.download(repo))
    expect(outcome(job)).toEqual(['done', null])
    const named = job.log_tail.filter((line) => line.endsWith('came too short; it is fetched again'))
    expect(named).toEqual([expect.stringMatching(/^model-\d{5}-of-\d{5}\.safetensors: /)])
    expect((await hand.stateOf(repo))?.['spark-1']).toBe('ready')
  })
})

describe('fault row 28: the hub', () => {
  test('gated without a token, with a stranger’s and with the right one, which shows nowhere', async () => {
    const without = await hand.job(await hand.download(gated))
    expect(without).toMatchObject({ state: 'failed', error: { code: 'repo_gated' } })
    expect(without.error?.remedy).toContain('accept its licence')
    expect(without.error?.remedy).toContain('HF_TOKEN')

    const stranger = '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'
    expect((await spark.ask('PUT', '/api/secrets/HF_TOKEN', { value: stranger })).status).toBe(204)
    const refused = await hand.job(await hand.download(gated))
    expect(refused.error?.message).toContain('was not let in')

    await spark.ask('PUT', '/api/secrets/HF_TOKEN', { value: licensedToken })
    const { job } = await (await hand.download(gated)).json()
    const seen: string[] = []
    const files: string[] = []
    const ended = await until('the end', async () => {
      seen.push(...hand.commands('spark-1'))
      files.push(...hand.jobFiles('spark-1'))
      const view = await hand.view(job)
      return view.ended_at === null ? null : view
    })
    expect(outcome(ended)).toEqual(['done', null])
    expect(seen.some((line) => line.startsWith('hf download'))).toBe(true)
    expect(files.join('\n')).toContain('Downloading model')
    const everything = [...seen, JSON.stringify([without, refused, ended]), ...files].join('\n')
    for (const token of [stranger, licensedToken]) expect(everything).not.toContain(token)
    expect((await spark.ask('DELETE', '/api/secrets/HF_TOKEN')).status).toBe(204)
  })

  test('a model that it does not know stops the job with that reason', async () => {
    const job = await hand.job(await hand.download('nobody/Nothing-1B'))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'repo_not_found' } })
  })

  test('429 and 5xx are waited out as the hub asks', async () => {
    const repo = 'nvidia/Llama-3.1-8B-Instruct-FP8'
    for (const [kind, said] of [
      ['rate-limited', '429'],
      ['broken', '503'],
    ] as const) {
      hand.forget('spark-1', repo)
      hand.forget('spark-2', repo)
      fault(kind, repo, 3)
      const { job } = await (await hand.download(repo)).json()
      const waiting = await hand.says(job, new RegExp(`\\(${said}\\); try 1 of 10; again in \\d+ s`))
      expect(waiting.state).toBe('running')
      expect(outcome(await hand.ended(job))).toEqual(['done', null])
    }
  })

  test('that breaks off in the midst is waited out by the tool’s own words', async () => {
    const repo = 'Qwen/Qwen3-Reranker-4B'
    hand.forget('spark-1', repo)
    hand.forget('spark-2', repo)
    const { job } = await (await hand.download(repo)).json()
    await until('the question to be answered', async () => {
      const { phase } = await hand.view(job)
      return phase === 'download' ? true : null
    })
    fault('rate-limited', repo, 3)
    expect(outcome(await hand.ended(job))).toEqual(['done', null])
  })

  test('is searched by a Spark; nothing to search for is 422', async () => {
    const { models } = await (await spark.ask('GET', '/api/models/search?q=qwen3%208b')).json()
    expect(models.map(({ repo }: { repo: string }) => repo)).toContain('Qwen/Qwen3-8B')
    expect((await spark.ask('GET', '/api/models/search?q=')).status).toBe(422)
  })
})

describe('fault row 29', () => {
  test('the same model asked for by many at once is one job, and a key gives it again', async () => {
    const repo = long
    hand.forget('spark-1', repo)
    const headers = { 'idempotency-key': 'one' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => hand.download(repo, n % 2 ? undefined : ['spark-1'], n ? {} : headers)),
    )
    const jobs = new Set(await Promise.all(answers.map(async (answer) => (await answer.json()).job)))
    expect([jobs.size, answers.every(({ status }) => status === 202)]).toEqual([1, true])
    const [job = ''] = jobs
    const other = await hand.download(repo, ['spark-2'])
    expect([other.status, await other.json()]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'download_running', job }) },
    ])
    const removal = await hand.remove(repo)
    expect([removal.status, (await removal.json()).error.code]).toEqual([409, 'download_running'])
    await hand.says(job, 'GiB')
    expect(hand.commands('spark-1').filter((line) => line.startsWith('hf download')).length).toBeLessThanOrEqual(1)
    await spark.ask('DELETE', `/api/jobs/${job}`)
    await hand.ended(job)
    expect((await (await hand.download(repo, ['spark-1'], headers)).json()).job).toBe(job)
  })
})

describe('fault row 30: a delete is refused', () => {
  test('while the model is loaded, or a swap with it runs; nothing is removed', async () => {
    const repo = 'nvidia/Llama-3.1-8B-Instruct-FP8'
    const job = await spark.start(small)
    const swapping = await hand.remove(repo)
    expect([swapping.status, (await swapping.json()).error]).toEqual([
      409,
      expect.objectContaining({ code: 'swap_running', job }),
    ])
    await spark.ended(job)
    const loaded = await hand.remove(repo)
    expect([loaded.status, (await loaded.json()).error]).toEqual([
      409,
      expect.objectContaining({ code: 'model_loaded', service: 'llm' }),
    ])
    expect((await hand.stateOf(repo))?.['spark-1']).toBe('ready')
  })

  test('of what another service serves, of what is on no Spark, and of a plain folder', async () => {
    const served = await hand.remove('BAAI/bge-m3')
    expect([served.status, (await served.json()).error.code]).toEqual([409, 'model_loaded'])
    const nowhere = await hand.remove('nobody/Nothing-1B')
    expect([nowhere.status, (await nowhere.json()).error.code]).toEqual([404, 'model_not_found'])
    const folder = await hand.remove('acme/support-8b')
    expect([folder.status, (await folder.json()).error.code]).toEqual([422, 'not_in_cache'])
    for (const bad of ['..%2f..', 'a/..%2fb', '-rf/x', 'a/b%00']) expect((await hand.remove(bad)).status).toBe(404)
  })
})

describe('a delete asks', () => {
  test('for a list of hosts that names some', async () => {
    for (const list of ['', 'spark-1,', 'spark 1']) {
      const answer = await spark.ask('DELETE', `/api/models/${quick}?hosts=${encodeURIComponent(list)}`)
      expect([answer.status, (await answer.json()).error.message]).toEqual([
        422,
        'hosts: is no list of hosts such as spark-1,spark-2; correct it, or leave it out for all',
      ])
    }
  })

  test('whether another program downloads the model, and is refused then', async () => {
    const repo = 'nobody/Arriving-1B'
    mkdirSync(join(hand.folderOf('spark-2', repo), 'blobs'), { recursive: true })
    writeFileSync(join(hand.folderOf('spark-2', repo), `blobs/${'a'.repeat(64)}.incomplete`), 'half')
    const answer = await hand.remove(repo)
    expect([answer.status, (await answer.json()).error]).toMatchObject([
      409,
      { code: 'download_running', host: 'spark-2' },
    ])
    hand.forget('spark-2', repo)
  })

  test('only those Sparks that matter: one that is out of reach and never had it holds nothing up', async () => {
    const repo = quick
    expect(await hand.stateOf(repo)).toEqual({ 'spark-1': 'ready', 'spark-2': 'missing' })
    await spark.cluster.faults.host('spark-2', 'link-down', 20)
    await spark.host('spark-2', 'unreachable')
    const named = await spark.ask('DELETE', `/api/models/${repo}?hosts=spark-1,spark-2`)
    expect([named.status, (await named.json()).error.code]).toEqual([503, 'host_unreachable'])
    expect(outcome(await hand.job(await hand.remove(repo)))).toEqual(['done', null])
    expect(existsSync(hand.folderOf('spark-1', repo))).toBe(false)
    await spark.cluster.faults.clear()
    await spark.host('spark-2', 'up')
  })
})

describe('fault row 31: a delete that was interrupted', () => {
  test('is finished from wherever it was, and a model of that name that came since stays', async () => {
    const live = spark.plane.runtime.hosts.get('spark-2')
    if (!live) throw new Error('spark-2: is not declared')
    const [hub, folder] = [hand.hubOf('spark-2'), hand.folderOf('spark-2', 'Qwen/Qwen3-8B')]
    const trash = join(hub, '.spark-control-trash/model-1')
    const disk = join(spark.cluster.directory, 'hosts/spark-2/state/disk')
    const before = readFileSync(disk, 'utf8')
    mkdirSync(trash, { recursive: true })
    renameSync(folder, join(trash, 'models--Qwen--Qwen3-8B'))
    mkdirSync(join(folder, 'blobs'), { recursive: true })
    const removed = await removeModel(live, hub, 'Qwen/Qwen3-8B', 'model-1')
    expect([removed.sharedBytes, hand.trash('spark-2'), existsSync(folder)]).toEqual([0, [], true])
    rmSync(folder, { recursive: true })
    expect(await removeModel(live, hub, 'Qwen/Qwen3-8B', 'model-1')).toMatchObject({ found: false })
    // Whoever asks next how much is free is not to be told of this one.
    await until('the disk to be measured', () => (readFileSync(disk, 'utf8') === before ? null : true))
  })

  test('moves nothing through a link that stands in the place of its folder', async () => {
    const live = spark.plane.runtime.hosts.get('spark-2')
    if (!live) throw new Error('spark-2: is not declared')
    const hub = hand.hubOf('spark-2')
    symlinkSync('/tmp', join(hub, '.spark-control-trash'))
    const removal = removeModel(live, hub, 'openai/gpt-oss-120b', 'model-2')
    expect(await removal.catch((error: JobFailure) => error.reason.code)).toBe('trash_is_link')
    rmSync(join(hub, '.spark-control-trash'))
    expect(existsSync(hand.folderOf('spark-2', 'openai/gpt-oss-120b'))).toBe(true)
  })
})

describe('a delete', () => {
  test('removes the weights from every Spark and the card, and tells the bytes that came free', async () => {
    const repo = 'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4'
    const job = await hand.job(await hand.remove(repo))
    expect(outcome(job)).toEqual(['done', null])
    expect(detail(job, 'remove')).toBe('spark-1: 18.0 GiB freed; spark-2: 18.0 GiB freed')
    expect(await hand.stateOf(repo)).toBeNull()
    for (const host of ['spark-1', 'spark-2']) {
      expect([existsSync(hand.folderOf(host, repo)), hand.trash(host)]).toEqual([false, []])
      expect(readdirSync(join(hand.hubOf(host), '.locks'))).not.toContain(
        'models--nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4',
      )
    }
    const { recipes } = await (await spark.ask('GET', '/api/recipes')).json()
    expect(recipes.map((each: { repo: string }) => each.repo)).toContain(repo)
  })

  test('tells what stays in the store that models share', async () => {
    const job = await hand.job(await hand.remove('Qwen/Qwen3-Embedding-0.6B'))
    expect(detail(job, 'remove')).toContain('spark-1: 0.0 GiB freed; 1.1 GiB stay in the store that all models share')
    expect(detail(job, 'remove')).toContain('`hf cache prune`')
  })

  test('never follows a link out of the cache', async () => {
    const outside = join(spark.cluster.directory, 'hosts/spark-1/home/precious')
    writeFileSync(outside, 'keep me')
    const repo = 'Qwen/Qwen3-8B'
    const snapshot = join(hand.folderOf('spark-1', repo), 'snapshots')
    symlinkSync(outside, join(snapshot, readdirSync(snapshot)[0] ?? '', 'precious.json'))
    symlinkSync(join(outside, '..'), join(hand.folderOf('spark-1', repo), 'home'))
    expect(outcome(await hand.job(await hand.remove(repo)))).toEqual(['done', null])
    expect([readFileSync(outside, 'utf8'), statSync(join(outside, '..')).isDirectory()]).toEqual(['keep me', true])
  })
})
