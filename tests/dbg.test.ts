import { test } from 'bun:test'
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import { testCluster } from './cluster'
import { countingProxy } from './counting-proxy'
test('x', async () => {
  let p: any
  const own = await testCluster({ hosts: 1, config: async (t, c) => { p = await countingProxy(c.hosts[0]!.address, c.hosts[0]!.sshPort); return t.replace(/^ssh: .*$/m, '').replace(`ssh_port: ${c.hosts[0]!.sshPort}`, `ssh_port: ${p.port}`)} })
  await own.host('spark-1', 'refused')
  console.log('count', p.count)
  const { line } = await (await own.ask('GET', '/api/hosts/spark-1/ssh-key')).json()
  await own.cluster.hosts[0]?.run(line)
  const t = readFileSync(own.cluster.hosts[0]!.home + '/.ssh/authorized_keys', 'utf8')
  console.log(t, ssh2.utils.parseKey(/(?:^|\s)((?:ssh|ecdsa|sk)-\S+ \S+.*)$/.exec(t.trim())![1]!))
  const r = await own.ask('POST', '/api/hosts/spark-1/connect'); console.log(r.status, await r.text())
  await Bun.sleep(2000)
  console.log('count', p.count, own.plane.runtime.hosts.get('spark-1')?.link)
  await own.stop(); p.stop()
}, 60000)
