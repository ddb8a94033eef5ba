import { readFileSync, rmSync } from 'node:fs'

/** A program that the bench started. */
export interface Child extends AsyncDisposable {
  pid: number
  /** From the start of the process to its first answer. */
  startMs: number
}

/**
 * Starts a program and waits until `url` answers; disposing ends it by its pid and removes its `scratch` folder.
 * @throws {Error} with what it last said when it does not answer in 30 s
 */
export async function child(
  command: string[],
  url: string,
  { cwd, scratch }: { cwd?: string; scratch?: string } = {},
): Promise<Child> {
  const began = performance.now()
  const running = Bun.spawn(command, { cwd, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', env: environment() })
  let said = ''
  const listening = (async () => {
    for await (const bytes of running.stderr) said = (said + Buffer.from(bytes).toString()).slice(-300)
  })()
  async function stop() {
    running.kill()
    const late = setTimeout(() => running.kill('SIGKILL'), 6000)
    await running.exited
    clearTimeout(late)
    await listening
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
  }
  while (!(await answers(url))) {
    if (running.exitCode === null && performance.now() - began < 30_000) await Bun.sleep(5)
    else {
      await stop()
      throw new Error(`${command.join(' ')}: does not answer at ${url}; it said: ${said}`)
    }
  }
  return { pid: running.pid, startMs: performance.now() - began, [Symbol.asyncDispose]: stop }
}

/** Resident memory of a process with its children, in MB. */
export function residentMb(pid: number): number {
  const kb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return children.reduce((sum, each) => sum + residentMb(Number(each)), kb / 1024)
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  probe.stop(true)
  return probe.port
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000), proxy: '' })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

function environment(): Record<string, string | undefined> {
  // The default of 256 queues further requests behind streams that hang; the product's image sets the same.
  return { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' }
}
