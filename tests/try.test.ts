import { test } from 'bun:test'
import { testCluster } from '/work/main/tests/cluster'
test('x', async () => {
  const t0 = Date.now(); const s = (w: string) => console.log(w, Date.now() - t0)
  const c = await testCluster({ loaded: 'llama-3.1-8b-fp8' }); s('started')
  await c.settled('llama-3.1-8b-fp8'); s('settled')
  const j = await c.swap('qwen3.6-35b-a3b-nvfp4'); s('swapped ' + JSON.stringify(j))
  console.log(c.cluster.processes())
  console.log(await (await c.ask('GET','/api/recipes')).text())
  console.log(await (await c.ask('GET','/api/cluster')).text())
  await c.stop(); s('stopped')
}, 60000)
