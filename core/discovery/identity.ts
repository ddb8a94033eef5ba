import type { Service } from '../config/cluster'
import type { Recognised } from './recognise'
import { templateOf } from './templates'

/** Could what was recognised be this service? Only where nothing speaks for it may another name be told. */
export function couldBe(service: Service, recognised: Recognised): boolean {
  const { engine, title, kind, probe, models } = recognised
  if (service.kind === 'vllm') return engine === 'vllm'
  if (service.kind === 'openai') return kind === 'openai' || kind === 'vllm'
  if (service.kind !== 'http' || probe === ownPath(service)) return true
  if (service.model !== null && models.includes(service.model)) return true
  const template = templateOf({ port: service.port, container: null, recognised }, [])
  if (template?.offers !== undefined && service.offers.includes(template.offers)) return true
  const called = letters(`${service.id} ${service.title} ${service.container ?? ''}`)
  return [engine, title, template?.id ?? engine].some((name) => called.includes(letters(name)))
}

/** The path that only this service's kind of program answers well; null where any server might, or where none is known. */
export function tellingPath(service: Service): string | null {
  const path = ownPath(service)
  return path === null || ['/', '/health', '/healthz'].includes(path) ? null : path
}

/** The path by which its probe sees that it is there; null where its kind has none that is known here. */
export function ownPath({ kind, options }: Service): string | null {
  if (kind === 'vllm' || kind === 'openai') return '/v1/models'
  if (kind !== 'http') return null
  return (options.probe as { path?: string } | undefined)?.path ?? '/'
}

const letters = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
