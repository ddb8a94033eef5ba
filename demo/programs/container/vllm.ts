import { writeSync } from 'node:fs'
import { runVllm } from '../vllm/program'

// Written at once, so that the last lines are there however the process ends; a reader that has gone is no reason to stop.
function write(file: number, text: string) {
  try {
    writeSync(file, text)
  } catch {}
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0))
process.exit(
  await runVllm(process.argv.slice(2), process.env, {
    out: (text) => write(1, text),
    error: (text) => write(2, text),
  }),
)
