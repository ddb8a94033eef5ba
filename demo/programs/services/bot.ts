import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// A bot that does one thing: it says its greeting, which it read from its checkout when it started.
const folder = process.argv[2] ?? '.'
const greeting = readFileSync(join(folder, 'greeting.txt'), 'utf8').trim()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0))
console.log(`bot: ${greeting}`)
setInterval(() => console.log(`bot: ${greeting}`), 10_000)
