/** The Docker engine of one host, asked over its own socket and never over the host's network. */
export interface Docker {
  /** Resolves when the engine answers. */
  ready(): Promise<void>
  /** @param name the lab's one image where it is left out */
  importImage(tar: string, name?: string): Promise<void>
  /** Brings an image to another engine, the same down to its id. */
  copyImage(name: string, to: Docker): Promise<void>
  loadImage(tar: Uint8Array<ArrayBuffer>): Promise<void>
  /** Starts a container of the lab's one image under this name, on the host's network. */
  run(name: string, argv: string[], env?: Record<string, string>): Promise<void>
  /** `graceSeconds` is how long docker waits before it kills. */
  restart(name: string, graceSeconds?: number): Promise<void>
  start(name: string): Promise<void>
  stop(name: string, graceSeconds?: number): Promise<void>
  /** Pid of the container's program inside the host. */
  pid(name: string): Promise<number>
}

const image = 'lab'
const patienceMs = 20_000

/** @param socket where the engine's socket is now; it moves with every boot */
export function docker(socket: () => string): Docker {
  async function ask(method: string, path: string, body?: BodyInit, type = 'application/json'): Promise<string> {
    const answer = await fetch(`http://engine/v1.41${path}`, {
      method,
      body,
      unix: socket(),
      headers: body === undefined ? {} : { 'content-type': type },
    })
    const text = await answer.text()
    if (!answer.ok && answer.status !== 304) throw new Error(`${method} ${path}: ${answer.status} ${text.trim()}`)
    return text
  }

  async function ready() {
    const until = performance.now() + patienceMs
    for (;;) {
      try {
        await ask('GET', '/_ping')
        return
      } catch (error) {
        if (performance.now() > until) throw new Error(`docker: does not answer; ${(error as Error).message}`)
        await Bun.sleep(30)
      }
    }
  }

  const act = (name: string, action: string) => ask('POST', `/containers/${name}/${action}`).then(() => {})
  return {
    ready,
    async importImage(tar, name = image) {
      await ask('POST', `/images/create?fromSrc=-&repo=${name}&tag=latest`, Bun.file(tar), 'application/x-tar')
    },
    async copyImage(name, to) {
      const answer = await fetch(`http://engine/v1.41/images/${name}/get`, { unix: socket() })
      await to.loadImage(await answer.bytes())
    },
    async loadImage(tar) {
      await ask('POST', '/images/load', tar, 'application/x-tar')
    },
    async run(name, argv, env = {}) {
      const settings = {
        Image: image,
        Cmd: argv,
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        HostConfig: {
          NetworkMode: 'host',
          RestartPolicy: { Name: 'unless-stopped' },
          Binds: ['/opt/lab:/opt/lab:ro'],
        },
      }
      await ask('POST', `/containers/create?name=${name}`, JSON.stringify(settings))
      await act(name, 'start')
    },
    restart: (name, grace = 10) => act(name, `restart?t=${grace}`),
    start: (name) => act(name, 'start'),
    stop: (name, grace = 10) => act(name, `stop?t=${grace}`),
    async pid(name) {
      const { State } = JSON.parse(await ask('GET', `/containers/${name}/json`)) as { State: { Pid: number } }
      return State.Pid
    },
  }
}
