import type { LiveHost } from '../../cluster/hosts'
import { neverTried } from '../../cluster/link'
import { sampleHost } from '../../config/declared.sample'

/** A host whose commands run on this machine, in a home of their own, for tests. */
export function localHost(home: string): LiveHost {
  return {
    host: sampleHost(),
    address: '127.0.0.1',
    link: { ...neverTried, state: 'up' },
    async run(argv, { input = '' } = {}) {
      const env = { PATH: process.env.PATH, HOME: home }
      const child = Bun.spawn([...argv], { env, stdin: Buffer.from(input), stdout: 'pipe', stderr: 'pipe' })
      const [stdout = '', stderr = ''] = await Promise.all(
        [child.stdout, child.stderr].map((each) => new Response(each).text()),
      )
      return { code: await child.exited, signal: null, stdout, stdoutBytes: Buffer.byteLength(stdout), stderr }
    },
    stream: () => Promise.reject(new Error('stream: is not known here; use run')),
    ready: async () => {},
    shownHostKey: null,
    retry() {},
    acceptHostKey() {},
    close() {},
  }
}
