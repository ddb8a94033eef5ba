import { expect, test } from 'bun:test'
import { sampleCache, sampleDisk, sampleFound } from '../../models/disk/disk.sample'
import type { Disk } from '../../models/disk/found-model'
import { sampleExamined, sampleHost } from '../examined.sample'
import { modelChecks } from './models'

const of = (disk: Disk | null) => sampleExamined({}, { disk, host: sampleHost(disk?.host ?? 'spark-1') })
const told = (...disks: (Disk | null)[]) => modelChecks(disks.map(of))

test('tells of each cache how much lies there', () => {
  const disk = sampleDisk('spark-1', [sampleFound('a/one'), sampleFound('a/two')])
  expect(told(disk)).toMatchObject([{ ok: true, text: '2 models, 18.6 GiB, at /home/spark/.cache/huggingface/hub' }])
  expect(told(sampleDisk('spark-1', []))).toEqual([])
  expect(told(null)).toMatchObject([{ ok: null, id: 'models' }])
})

test('a folder that is not there, or may not be read, is wrong and says what to do', () => {
  const cache = sampleCache({
    path: '/data/models',
    layout: 'folder',
    own: false,
    mounted: false,
    problem: 'is not there',
  })
  expect(told(sampleDisk('spark-1', [], { caches: [cache] }))).toMatchObject([
    { ok: false, text: '/data/models is not there', remedy: expect.stringContaining('hosts.spark-1.models') },
  ])
  const problem = 'may not be read by this login (Permission denied)'
  expect(told(sampleDisk('spark-1', [], { caches: [{ ...cache, problem }] }))).toMatchObject([
    { ok: false, command: 'sudo chmod -R o+rX /data/models' },
  ])
  expect(told(sampleDisk('spark-1', [], { caches: [{ ...cache, own: true, problem }] }))).toMatchObject([
    { ok: false, command: 'sudo chown -R spark: /data/models' },
  ])
})

test('names a model that is not whole with the file at fault, and the Spark that has it whole', () => {
  const problems = ['model.safetensors: broken link: the bytes were not copied']
  const broken = sampleFound('a/one', { state: 'partial', problems })
  const alone = told(sampleDisk('spark-1', [broken])).filter(({ id }) => id === 'model')
  expect(alone).toMatchObject([{ ok: null, text: `a/one is not whole: ${problems[0]}`, remedy: 'download it again' }])
  const beside = told(sampleDisk('spark-1', [broken]), sampleDisk('spark-2', [sampleFound('a/one')]))
  expect(beside.find(({ id }) => id === 'model')?.remedy).toContain('copy it again from spark-2')
  const many = told(sampleDisk('spark-1', Array(15).fill(broken))).filter(({ id }) => id === 'model')
  expect([many.length, many.at(-1)?.text]).toEqual([11, '5 more models are not whole'])
})

test('tells what an interrupted delete has left', () => {
  const leftovers = ['/hub/.spark-control-trash/1', '/hub/.spark-control-trash/2']
  const [, left] = told(sampleDisk('spark-1', [sampleFound()], { leftovers }))
  expect(left).toMatchObject({ id: 'leftovers', text: expect.stringContaining('/1 and 1 more') })
})
