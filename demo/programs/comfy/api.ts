import { type Call, json, type Reply } from '../server'

const JOB_MS = 3000
const VERSION = '0.3.60'

interface Job {
  id: string
  number: number
  prompt: unknown
  client: string | undefined
}

/** Answers as ComfyUI does: prompts queue up and each takes 3 s, one after another. */
export function createComfyApi(jobMs = JOB_MS): { handle(call: Call): Promise<Reply> } {
  const queue: Job[] = []
  const history = new Map<string, object>()
  let number = 0

  async function handle({ method, path, text }: Call): Promise<Reply> {
    switch (`${method} ${path.replace(/^\/api\//, '/')}`) {
      case 'GET /system_stats':
        return json(systemStats())
      case 'GET /prompt':
        return json({ exec_info: { queue_remaining: queue.length } })
      case 'GET /queue':
        return json({ queue_running: queue.slice(0, 1).map(row), queue_pending: queue.slice(1).map(row) })
      case 'GET /history':
        return json(Object.fromEntries(history))
      case 'POST /prompt':
        return accept(await text())
    }
    const [, id] = /^\/history\/([\w-]+)$/.exec(path) ?? []
    if (id) return json(history.has(id) ? { [id]: history.get(id) } : {})
    return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '404: Not Found' }
  }

  function accept(text: string): Reply {
    const body = readObject(text)
    if (!body)
      return {
        status: 500,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: '500 Internal Server Error',
      }
    if (body.prompt === undefined) {
      const error = { type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided', extra_info: {} }
      return json({ error, node_errors: {} }, 400)
    }
    const job = {
      id: crypto.randomUUID(),
      number: number++,
      prompt: body.prompt,
      client: typeof body.client_id === 'string' ? body.client_id : undefined,
    }
    queue.push(job)
    if (queue.length === 1) void work()
    return json({ prompt_id: job.id, number: job.number, node_errors: {} })
  }

  async function work() {
    for (let job = queue[0]; job; job = queue[0]) {
      await Bun.sleep(jobMs)
      queue.shift()
      const images = [
        { filename: `ComfyUI_${String(job.number + 1).padStart(5, '0')}_.png`, subfolder: '', type: 'output' },
      ]
      history.set(job.id, {
        prompt: row(job),
        outputs: { '9': { images } },
        status: { status_str: 'success', completed: true, messages: [] },
      })
    }
  }

  return { handle }
}

function row({ number, id, prompt, client }: Job) {
  return [number, id, prompt, client === undefined ? {} : { client_id: client }, ['9']]
}

function systemStats() {
  const bytes = 127_600_748 * 1024
  return {
    system: {
      os: 'posix',
      ram_total: bytes,
      ram_free: bytes / 2,
      comfyui_version: VERSION,
      required_frontend_version: '1.27.7',
      python_version: '3.12.3 (main, Aug 14 2026, 17:47:21) [GCC 13.3.0]',
      pytorch_version: '2.13.0+cu130',
      embedded_python: false,
      argv: ['main.py', '--listen', '0.0.0.0'],
    },
    devices: [
      {
        name: 'cuda:0 NVIDIA GB10 : cudaMallocAsync',
        type: 'cuda',
        index: 0,
        vram_total: bytes,
        vram_free: bytes / 2,
        torch_vram_total: 1_342_177_280,
        torch_vram_free: 67_108_864,
      },
    ],
  }
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
