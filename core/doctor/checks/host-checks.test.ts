import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { answers } from '../../cluster/answers'
import { sampleExamined, sampleHost, sampleService } from '../examined.sample'
import { comparedChecks } from './compared'
import { hostChecks } from './host-checks'

type Changes = Record<string, string[]>

const wrongs = (changes: Changes, more = {}) =>
  hostChecks(sampleExamined(changes, more)).filter(({ ok }) => ok === false)

test('a sound Spark has nothing wrong, and nothing that could not be told', () => {
  const checks = hostChecks(sampleExamined())
  expect(checks.filter(({ ok }) => ok !== true)).toEqual([])
  expect(checks.length).toBeGreaterThan(12)
})

test.each<[what: string, Changes, id: string, text: RegExp, remedy: RegExp]>([
  [
    'no docker group',
    { docker: [], 'docker-problem': ['permission denied while trying to connect'], 'docker-group': [''] },
    'docker',
    /may not use docker/,
    /usermod -aG docker spark/,
  ],
  ['an old login', { docker: [], 'docker-problem': ['permission denied'] }, 'docker', /older than that/, /reboot/],
  [
    'docker stopped',
    { docker: [], 'docker-problem': ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock'] },
    'docker',
    /does not run/,
    /systemctl enable --now docker/,
  ],
  ['docker silent', { docker: [], 'docker-problem': [''] }, 'docker', /nothing within 6 s/, /systemctl restart docker/],
  ['no image', { image: [] }, 'images', /no image/, /build-and-copy\.sh -t vllm-node/],
  ['no launcher', { launcher: ['missing'] }, 'launcher', /not in ~\/spark-vllm-docker/, /git clone/],
  [
    'a launcher elsewhere',
    { launcher: ['missing'], 'launcher-elsewhere': ['/home/spark/git/svd'] },
    'launcher',
    /not in/,
    /hosts\.spark-1\.launcher/,
  ],
  ['a launcher without rights', { launcher: ['closed'] }, 'launcher', /may not be run/, /chmod \+x/],
  ['an old launcher', { 'launcher-knows': [] }, 'launcher-version', /too old/, /git pull/],
  ['no .env', { env: ['missing'] }, 'env', /has no \.env/, /--setup/],
  ['Windows line ends', { 'env-crlf': ['yes'] }, 'env-lines', /Windows/, /sed -i/],
  [
    'other nodes',
    { 'env-line': ['CLUSTER_NODES=192.168.177.11'] },
    'env-nodes',
    /not spark-2/,
    /CLUSTER_NODES=192\.168\.177\.11,192\.168\.177\.12/,
  ],
  [
    '.local nodes',
    { 'env-line': ['CLUSTER_NODES=spark-1.local,spark-2.local'] },
    'env-nodes',
    /cannot resolve/,
    /CLUSTER_NODES=/,
  ],
  ['no uvx', { uvx: ['missing'] }, 'uvx', /not installed/, /astral\.sh/],
  [
    'a cache of root',
    { 'hub-foreign': ['/home/spark/.cache/huggingface/hub/models--a--b'] },
    'cache-rights',
    /another user/,
    /chown -R spark:/,
  ],
  ['a closed cache', { 'hub-state': ['closed'] }, 'cache-rights', /may not write/, /chown/],
  ['two caches', { hub: ['/data/hub'] }, 'cache-place', /the launcher mounts/, /HF_HOME/],
  [
    'a cache in the shell',
    { 'cache-in-shell': ['export HF_HOME=/data/hf'] },
    'cache-shell',
    /your own shell/,
    /etc\/environment/,
  ],
  [
    'a cache of interactive shells',
    { 'hub-interactive': ['/data/hf/hub'] },
    'cache-shell',
    /go to \/data\/hf\/hub, but/,
    /etc\/environment/,
  ],
  [
    'a cache of someone else',
    { 'hub-models': ['0'], 'hub-elsewhere': ['/home/bob/.cache/huggingface/hub'] },
    'cache',
    /bob/,
    /hosts\.spark-1\.user/,
  ],
  [
    'a full disk',
    { disk: ['/dev/nvme0n1p2 959785008 930000000 29785008 97% /'] },
    'disk',
    /only 28 GiB/,
    /delete models/,
  ],
  ['no nvidia-smi', { gpu: [], 'gpu-problem': ['missing'] }, 'gpu', /not there/, /DGX Spark/],
  ['a stuck driver', { gpu: [], 'gpu-problem': ['124 '] }, 'gpu', /hangs/, /reboot/],
  [
    'a driver not loaded',
    { gpu: [], 'gpu-problem': ['18 Failed to initialize NVML: Driver/library version mismatch'] },
    'gpu',
    /not loaded/,
    /reboot/,
  ],
  ['driver 590', { gpu: ['NVIDIA GB10, 590.44.01, 0, 4, 2411'] }, 'driver', /known to hang/, /nvidia-driver-580-open/],
  ['an old driver', { gpu: ['NVIDIA GB10, 570.10, 0, 4, 2411'] }, 'driver', /older/, /full-upgrade/],
  ['low power', { gpu: ['NVIDIA GB10, 580.126.09, 98, 5.1, 507'] }, 'power', /low-power/, /unplug/],
  [
    'leaked memory',
    { memory: ['MemTotal: 127600748 kB', 'MemAvailable: 60000000 kB'] },
    'memory',
    /not given back/,
    /reboot/,
  ],
  ['no fabric', { address: ['2: enP7s7 inet 192.0.2.11/24'] }, 'fabric', /no interface has/, /netplan apply/],
  [
    'another fabric',
    { address: ['3: enp1s0f1np1    inet 192.168.100.10/24'] },
    'fabric',
    /no interface/,
    /192\.168\.100\.10/,
  ],
  [
    'a pulled cable',
    { link: ['3: enp1s0f1np1: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 9000 state DOWN'] },
    'fabric',
    /is down/,
    /QSFP/,
  ],
  ['a slow cable', { 'fabric-speed': ['10000'] }, 'fabric', /only 10 Gbit/, /200 Gbit/],
  [
    'a worker unknown',
    { worker: ['192.168.177.12 Host key verification failed.'] },
    'worker-ssh',
    /Host key/,
    /ssh 192\.168\.177\.12 true/,
  ],
  [
    'a worker refusing',
    { worker: ['192.168.177.12 spark@192.168.177.12: Permission denied (publickey).'] },
    'worker-ssh',
    /denied/,
    /ssh-copy-id/,
  ],
  ['a worker silent', { worker: [] }, 'worker-ssh', /no answer/, /ssh 192/],
  ['a clock ahead', { clock: ['1060', '1061'] }, 'clock', /59 s ahead/, /set-ntp/],
  ['a clock behind', { clock: ['900', '901'] }, 'clock', /100 s behind/, /set-ntp/],
  ['no linger', { linger: ['no'] }, 'linger', /Linger is off/, /enable-linger spark/],
  ['an Xid', { kernel: ['2026-11-22T10:00 NVRM: Xid (PCI:000F:01:00): 79'] }, 'kernel', /Xid/, /-lgc/],
  ['a lost device', { kernel: ['GPU has fallen off the bus'] }, 'kernel', /fallen/, /unplug/],
  ['memory ran out', { kernel: ['Out of memory: Killed process 1'] }, 'kernel', /Killed/, /gpu_memory_utilization/],
  [
    'cuda-python',
    { 'python-packages': ['parakeet-asr cuda-python 13.0.1;torch 2.9;'] },
    'cuda-python',
    /13\.0\.1/,
    /pip uninstall -y cuda-python && docker restart parakeet-asr/,
  ],
])('%s is told with its remedy', (_, changes, id, text, remedy) => {
  const found = wrongs(changes)
  expect(found.map((check) => check.id)).toContain(id)
  const check = found.find((each) => each.id === id)
  expect(check?.text).toMatch(text)
  expect(check?.remedy).toMatch(remedy)
  expect(found.map((each) => each.id)).toEqual([id])
})

test('a command that can be pasted ends the remedy', () => {
  const check = wrongs({ linger: ['no'] })[0]
  expect(check?.remedy).toBe(`run there: ${check?.command}`)
})

test('a container that is declared but not there is told with those that are', () => {
  const services = [sampleService({ container: 'comfy-ui' })]
  expect(wrongs({}, { services })[0]).toMatchObject({ id: 'container', remedy: expect.stringContaining('comfyui') })
  expect(wrongs({}, { services: [sampleService()] })).toEqual([])
})

test('a Spark alone needs neither .env nor worker', () => {
  expect(wrongs({ env: ['missing'], 'env-line': [], worker: [] }, { workers: [] })).toEqual([])
})

test('memory that a model holds is no leak', () => {
  const changes = {
    memory: ['MemTotal: 127600748 kB', 'MemAvailable: 20000000 kB'],
    'gpu-process': ['3405, VLLM::EngineCore, 90000'],
  }
  expect(wrongs(changes)).toEqual([])
})

test('a transcriber without cuda-python is right, and one that could not be asked is not judged', () => {
  const checks = (row: string) => hostChecks(sampleExamined({ 'python-packages': [row] }))
  expect(checks('asr torch 2.9;').filter(({ id }) => id === 'cuda-python')).toMatchObject([{ ok: true }])
  expect(checks('asr ').filter(({ id }) => id === 'cuda-python')).toEqual([])
})

test('one machine under two names, other images and other drivers show between hosts', () => {
  const worker = (changes: Changes) =>
    sampleExamined(changes, { host: sampleHost('spark-2'), workers: [], images: new Map([['vllm-node', ['big']]]) })
  const between = (changes: Changes) => {
    const second = worker({ 'boot-id': ['b-2'], ...changes })
    const head = sampleExamined({}, { workers: [second.host] })
    return comparedChecks([head, second]).filter(({ ok }) => !ok)
  }
  expect(between({})).toEqual([])
  expect(between({ 'boot-id': ['b-1'] })).toMatchObject([{ subject: 'host:spark-2', id: 'same-machine' }])
  expect(between({ image: ['vllm-node:latest|sha256:bb'] })).toMatchObject([
    { id: 'same-images', command: './build-and-copy.sh --no-build -t vllm-node --copy-to 192.168.177.12' },
  ])
  expect(between({ gpu: ['NVIDIA GB10, 580.95.05, 0, 4, 2411'] })).toMatchObject([{ id: 'same-driver' }])
})

test('whatever a host says, each thing wrong has a remedy and every word is printable', () => {
  const names = [
    'docker',
    'docker-problem',
    'gpu',
    'env-line',
    'launcher',
    'worker',
    'memory',
    'disk',
    'clock',
    'kernel',
  ]
  const line = fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.map(([name, value]) => `${name}\t${value}`).join('\n')
      for (const check of hostChecks(sampleExamined({}, { answers: answers(text) }))) {
        if (check.ok === false) expect(check.remedy).toBeTruthy()
        expect(`${check.text}${check.remedy}`).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      }
    }),
  )
})
