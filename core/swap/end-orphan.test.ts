import { expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../clock'
import { sampleService } from '../config/declared.sample'
import { newJob } from '../jobs/progress'
import type { PhaseContext } from '../jobs/runner'
import { endOrphan, orphanEnds } from './end-orphan'
import type { Orphan } from './orphans'
import { localHost } from './steps/local-host.sample'

const which = { host: 'spark-1', container: 'vllm_node' }
const orphan: Orphan = { ...which, service: sampleService('llm').id, why: 'nothing of it runs', since: null }

test('an end taken up before any Spark was seen waits for the sight, and then ends the container', async () => {
  const { docker, end } = spark({ there: true, seenAfter: 3 })
  expect(await end()).toEqual([])
  expect(docker()).toContain('rm -f vllm_node')
})

test('what docker says is gone is left over no more', async () => {
  const { docker, end } = spark({ there: false, seenAfter: Infinity })
  expect(await end()).toEqual(['it is not left over any more'])
  expect(docker()).not.toContain('rm -f')
})

test('a container of which nothing tells whose it is stays, and its job fails', async () => {
  const { docker, end } = spark({ there: true, seenAfter: Infinity })
  await expect(end()).rejects.toThrow('belongs to what is loaded, or nothing tells that it does not')
  expect(docker()).not.toContain('rm -f')
})

/** A Spark with a docker of one container, which its first looks do not show. */
function spark({ there, seenAfter }: { there: boolean; seenAfter: number }) {
  const home = mkdtempSync(join(tmpdir(), 'spark-orphan-'))
  mkdirSync(join(home, 'bin'))
  const script = `#!/bin/sh
echo "$*" >> "$HOME/asked"
case $1 in
  ps) [ ! -e "$HOME/there" ] || echo vllm_node ;;
  rm) rm -f "$HOME/there" ;;
esac
`
  writeFileSync(join(home, 'bin', 'docker'), script)
  chmodSync(join(home, 'bin', 'docker'), 0o755)
  if (there) writeFileSync(join(home, 'there'), '')
  const asked = join(home, 'asked')
  let looks = 0
  const clock: Clock = { ...systemClock, after: (_, act) => systemClock.after(0, act) }
  const ends = orphanEnds({
    hosts: new Map([[which.host, localHost(home)]]),
    observed: { gone: () => {} },
    leftOver: () => (looks++ < seenAfter ? [] : [orphan]),
    swapping: () => false,
    nextFence: (seen) => seen + 1,
    clock,
  })
  return {
    docker: () => (existsSync(asked) ? readFileSync(asked, 'utf8') : ''),
    async end(): Promise<string[]> {
      const finished: string[] = []
      const given = {
        id: 'service-1',
        kind: 'service' as const,
        action: endOrphan,
        title: 'End it',
        service: 'llm',
        phases: [],
      }
      const context: PhaseContext = {
        job: 'service-1',
        signal: new AbortController().signal,
        report: () => {},
        log: () => {},
        transfer: () => {},
        finish: (detail) => finished.push(detail),
      }
      const view = newJob(given, new Date(0).toISOString())
      for (const phase of ends.phasesOf(view, which) ?? []) await phase.run(context)
      return finished
    },
  }
}
