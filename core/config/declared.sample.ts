import type { Host, Service } from './cluster'

/** A declared host for tests. */
export function sampleHost(id = 'spark-1', fields: Partial<Host> = {}): Host {
  return {
    id,
    title: id,
    address: '127.0.0.1',
    sshPort: 22,
    user: 'spark',
    launcher: null,
    fabric: null,
    models: [],
    reserveBytes: 0,
    ...fields,
  }
}

/** A declared service for tests. */
export function sampleService(id = 'llm', fields: Partial<Service> = {}): Service {
  return {
    id,
    kind: 'vllm',
    title: id,
    hosts: [sampleHost()],
    port: 8888,
    container: null,
    user: null,
    model: null,
    offers: [],
    hidden: false,
    disabled: false,
    options: {},
    ...fields,
  }
}
