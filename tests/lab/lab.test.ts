import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { labCluster } from './lab'
import { labObstacle } from './needs'

const obstacle = labObstacle()

describe.skipIf(obstacle !== null)('a lab', () => {
  setDefaultTimeout(60_000)

  test('stands beside another one, and each takes only its own away', async () => {
    const [one, other] = await Promise.all([labCluster({ hosts: 1 }), labCluster({ hosts: 1 })])
    try {
      expect(one.hosts[0]?.address).not.toBe(other.hosts[0]?.address)
      await one.stop()
      expect(await other.hosts[0]?.inside(['hostname'])).toBe('spark-1\n')
    } finally {
      await other.stop()
    }
    for (const { configPath } of [one, other]) expect(existsSync(dirname(configPath))).toBe(false)
  })

  for (const last of ['', 'lab.faults.freeze(lab.hosts[0]);']) {
    test(`whose run was killed${last && ' while its host was frozen'} is swept away by the next one`, async () => {
      const script = `import { labCluster } from '${join(import.meta.dir, 'lab')}'
        const lab = await labCluster({ hosts: 1 })
        ${last}
        console.log(lab.configPath)
        process.kill(process.pid, 'SIGKILL')`
      const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' })
      const folder = dirname((await new Response(child.stdout).text()).trim())
      const name = folder.replace(/.*spark-lab-/, 'lab')
      await child.exited
      expect(existsSync(folder)).toBe(true)
      const next = await labCluster({ hosts: 1 })
      try {
        expect(existsSync(folder)).toBe(false)
        expect(readdirSync('/sys/class/net').filter((each) => each === name)).toEqual([])
      } finally {
        await next.stop()
      }
    })
  }
})
