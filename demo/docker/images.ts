import { join } from 'node:path'
import { hostDirectory, json } from './container'
import { since } from './duration'
import { fail } from './fail'
import { readOptions } from './options'
import { alignColumns, renderTemplate, tableHeader } from './template'

/** One line of state/images.json, which the host's layout wrote. */
export interface Image {
  repository: string
  tag: string
  /** `sha256:…` */
  id: string
  created: number
  bytes: number
  entrypoint: string[]
}

export const images = (): Image[] => json<Image[]>(join(hostDirectory(), 'state/images.json')) ?? []

/** `vllm-node` means `vllm-node:latest`; an id or a start of one is found too. */
export function findImage(reference: string): Image | null {
  const [repository = '', tag = 'latest'] = /^(.*?)(?::([\w.-]+))?$/.exec(reference)?.slice(1) ?? []
  const bare = reference.replace(/^sha256:/, '')
  return (
    images().find((one) => one.repository === repository && one.tag === tag) ??
    images().find((one) => /^[0-9a-f]{6,}$/.test(bare) && one.id.startsWith(`sha256:${bare}`)) ??
    null
  )
}

export function listImages(argv: string[]) {
  const options = readOptions('images', argv, {
    values: ['format', 'filter'],
    switches: ['quiet', 'all', 'no-trunc', 'digests'],
    shorts: { q: 'quiet', a: 'all', f: 'filter' },
  })
  const [wanted] = options.rest
  const found = images().filter(
    (one) => !wanted || wanted === one.repository || wanted === `${one.repository}:${one.tag}`,
  )
  const rows = found.map((one) => ({
    Containers: 'N/A',
    CreatedAt: new Date(one.created).toISOString(),
    CreatedSince: `${since(one.created)} ago`,
    Digest: '<none>',
    ID: options.on('no-trunc') ? one.id : one.id.slice(7, 19),
    Repository: one.repository,
    Size: `${(one.bytes / 1e9).toFixed(1)}GB`,
    Tag: one.tag,
  }))
  const format = options.one('format') ?? ''
  if (options.on('quiet')) return print(rows.map((row) => row.ID))
  if (format === 'json') return print(rows.map((row) => JSON.stringify(row)))
  if (format.startsWith('table ')) {
    const template = format.slice(6)
    const header = tableHeader(template, { ID: 'IMAGE ID', CreatedSince: 'CREATED' })
    return console.log(
      alignColumns([header, ...rows.map((row) => renderTemplate(template, row))].map((line) => line.split('\t'))),
    )
  }
  if (format) return print(rows.map((row) => renderTemplate(format, row)))
  const cells = rows.map((row) => [row.Repository, row.Tag, row.ID, row.CreatedSince, row.Size])
  console.log(alignColumns([['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], ...cells]))
}

export function inspectImage(argv: string[]) {
  const options = readOptions('image inspect', argv, { values: ['format'], switches: [], shorts: { f: 'format' } })
  const format = options.one('format')
  const found = options.rest.map((reference) => {
    const image = findImage(reference)
    if (!image && !format) console.log('[]')
    if (!image) return fail(`Error response from daemon: No such image: ${withTag(reference)}`)
    return {
      Id: image.id,
      RepoTags: [`${image.repository}:${image.tag}`],
      RepoDigests: [],
      Created: new Date(image.created).toISOString(),
      Architecture: 'arm64',
      Os: 'linux',
      Size: image.bytes,
      RootFS: { Type: 'layers', Layers: [image.id] },
      Config: {
        Entrypoint: image.entrypoint.length > 0 ? image.entrypoint : null,
        Cmd: null,
        WorkingDir: '/workspace',
      },
    }
  })
  if (!format) return console.log(JSON.stringify(found, null, 4))
  print(found.map((one) => renderTemplate(format, one)))
}

export const withTag = (reference: string) => (/:[\w.-]+$/.test(reference) ? reference : `${reference}:latest`)

/** A Spark of the demo has no way to the Internet. */
export function pull(argv: string[]) {
  const reference =
    argv.at(-1) ?? fail("docker: 'docker pull' requires 1 argument\n\nUsage:  docker pull [OPTIONS] NAME[:TAG|@DIGEST]")
  if (!/:[\w.-]+$/.test(reference)) console.log('Using default tag: latest')
  fail(
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: server misbehaving',
  )
}

function print(lines: string[]) {
  if (lines.length > 0) console.log(lines.join('\n'))
}
