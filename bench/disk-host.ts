import { freshKeyPair } from '../core/cluster/key-pair'
import { diskHost } from '../tests/disk-host'

/** What the process of a bench's host says in its one line. */
export interface DiskHostLine {
  port: number
  privateKey: string
  home: string
}

/** A host behind an SSH server in a process of its own, so that what it costs is not counted as the controller's. */
export async function startDiskHost(): Promise<DiskHostLine & { stop(): Promise<void> }> {
  const running = Bun.spawn([process.execPath, import.meta.path], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' })
  let said = ''
  for await (const piece of running.stdout.pipeThrough(new TextDecoderStream())) {
    said += piece
    if (said.includes('\n')) break
  }
  return {
    ...(JSON.parse(said) as DiskHostLine),
    async stop() {
      running.stdin.end()
      await running.exited
    },
  }
}

if (import.meta.main) {
  const login = freshKeyPair()
  const host = await diskHost('spark', {}, login)
  const line: DiskHostLine = { port: host.port, privateKey: login.private, home: host.home }
  console.log(JSON.stringify(line))
  await Bun.stdin.text()
  await host.stop()
  process.exit(0)
}
