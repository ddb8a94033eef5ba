import { sampleHost, sampleService } from '../core/config/declared.sample'
import { sampleFound } from '../core/models/disk/disk.sample'
import { configs } from '../core/models/memory/configs.sample'
import { type FitInput, fit as fitOf } from '../core/models/memory/fit'
import { sampleLedger } from '../core/models/memory/ledger.sample'
import { sampleRecipe } from '../core/models/recipe.sample'
import type { Report } from './report'
import { interleaved } from './rounds'

const count = 100

/** Whether 100 recipes fit, as the menu asks: real models' shapes, shares pinned and open, on one and on two hosts, with and without room. */
export async function fit(): Promise<Report> {
  const ways = [
    { name: 'with room', inputs: inputsWith(10) },
    { name: 'without, remedies sought', inputs: inputsWith(100) },
  ]
  const [room] = ways
  const first = timed(room?.inputs ?? [])
  const rows = await interleaved(ways, async ({ inputs }) => ({ 'ms for 100': timed(inputs) }))
  const fitting = ways.map(({ inputs }) => inputs.filter((input) => fitOf(input).fits).length)
  return {
    title: `Fit of ${count} recipes`,
    rows,
    notes: [`that fit: ${fitting.join(' and ')}`, `the very first time: ${first.toFixed(1)} ms`],
  }
}

function timed(inputs: FitInput[]): number {
  const began = performance.now()
  for (const input of inputs) fitOf(input)
  return performance.now() - began
}

function inputsWith(usedGib: number): FitInput[] {
  const hosts = ['spark-1', 'spark-2']
  const service = sampleService('llm', { hosts: hosts.map((id) => sampleHost(id)) })
  const other = { service: 'comfy', name: 'ComfyUI', ends: false, gib: usedGib }
  return Array.from({ length: count }, (_, index) => {
    const config = Object.values(configs)[index % Object.keys(configs).length] ?? null
    const nodes = (index % 2) + 1
    const share = index % 3 === 0 ? '' : '--gpu-memory-utilization {gpu_memory_utilization}'
    const command = `vllm serve org/model-${index} --host {host} --port {port} -tp ${nodes} ${share} --max-model-len {max_model_len} \\
      --kv-cache-dtype fp8 --max-num-batched-tokens 8192 --load-format fastsafetensors --enable-prefix-caching \\
      --enable-auto-tool-choice --tool-call-parser qwen3_coder --reasoning-parser qwen3`
    const found = sampleFound(`org/model-${index}`, { weightBytes: (index + 1) * 1e9, config })
    return {
      recipe: sampleRecipe({
        command,
        nodes,
        defaults: { gpu_memory_utilization: 0.7, max_model_len: 131_072, host: '0.0.0.0' },
      }),
      service,
      found: Object.fromEntries(hosts.map((host) => [host, found])),
      ledgers: hosts.slice(0, nodes).map((host) => sampleLedger(host, [other])),
    }
  })
}
