import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Container } from './container'
import { finish } from './lifecycle'

// The shim's last act: `reap.ts <container directory> <exit code>`.
const [directory = '', code = '0'] = process.argv.slice(2)
const container = JSON.parse(readFileSync(join(directory, 'container.json'), 'utf8')) as Container
finish(container, Number(code), dirname(dirname(dirname(directory))))
