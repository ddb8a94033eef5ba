import { containers, stateOf } from './container'
import { images } from './images'
import { readOptions } from './options'
import { renderTemplate } from './template'

const VERSION = '29.2.1'

export function version(argv: string[]) {
  const options = readOptions('version', argv, { values: ['format'], switches: [], shorts: { f: 'format' } })
  const told = { Version: VERSION, ApiVersion: '1.53', GoVersion: 'go1.25.6', Os: 'linux', Arch: 'arm64' }
  const both = { Client: told, Server: told }
  const format = options.one('format')
  if (format) return console.log(format === 'json' ? JSON.stringify(both) : renderTemplate(format, both))
  const lines = Object.entries(told).map(([name, value]) => ` ${`${name}:`.padEnd(18)}${value}`)
  console.log(
    ['Client: Docker Engine - Community', ...lines, '', 'Server: Docker Engine - Community', ...lines].join('\n'),
  )
}

export function info(argv: string[]) {
  const options = readOptions('info', argv, { values: ['format'], switches: [], shorts: { f: 'format' } })
  const all = containers()
  const up = all.filter((one) => stateOf(one.name).status === 'running').length
  const told = {
    ID: process.env.SPARK_SIM_HOST ?? '',
    Containers: all.length,
    ContainersRunning: up,
    ContainersPaused: 0,
    ContainersStopped: all.length - up,
    Images: images().length,
    ServerVersion: VERSION,
    OperatingSystem: 'Ubuntu 24.04.4 LTS',
    KernelVersion: '6.17.0-1029-nvidia',
    Architecture: 'aarch64',
    NCPU: 20,
    MemTotal: 127600748 * 1024,
    Name: process.env.SPARK_SIM_HOST ?? '',
    Runtimes: { nvidia: { path: 'nvidia-container-runtime' }, runc: { path: 'runc' } },
  }
  const format = options.one('format')
  if (format) return console.log(format === 'json' ? JSON.stringify(told) : renderTemplate(format, told))
  console.log(
    [
      'Client: Docker Engine - Community',
      ` Version:    ${VERSION}`,
      '',
      'Server:',
      ` Containers: ${told.Containers}`,
      `  Running: ${told.ContainersRunning}`,
      ` Server Version: ${VERSION}`,
      ` Kernel Version: ${told.KernelVersion}`,
      ` Operating System: ${told.OperatingSystem}`,
      ` Architecture: ${told.Architecture}`,
      ` CPUs: ${told.NCPU}`,
      ' Total Memory: 121.7GiB',
    ].join('\n'),
  )
}
