import { sampleHost } from '../../config/declared.sample'
import type { SwapHost } from './step'

/** A Spark for tests whose commands run here for real, with that home; programs in its `bin` come first. */
export function localHost(home: string, id = 'spark-1'): SwapHost {
  return {
    host: sampleHost(id),
    address: '127.0.0.1',
    link: { state: 'up', code: 'connected', since: 0, cause: null, remedy: null },
    async run(argv, { input = '', signal } = {}) {
      const stdin = Buffer.from(input)
      const child = Bun.spawn([...argv], {
        env: { PATH: `${home}/bin:/usr/bin:/bin`, HOME: home },
        stdio: [stdin, 'pipe', 'pipe'],
        signal,
      })
      const [out, stderr] = await Promise.all([new Response(child.stdout).bytes(), new Response(child.stderr).text()])
      const code = await child.exited
      signal?.throwIfAborted()
      return { code, signal: null, stdout: Buffer.from(out).toString(), stdoutBytes: out.length, stderr }
    },
  }
}
