import type { Host } from '../../core/config/cluster'
import type { SourceView } from '../../core/models/catalogue'

/** Where a recipe came from, for a person: `this installation`, `spark-vllm-docker on Spark 1`, `acme, ~/recipes at 1a2b3c4`. */
export function sourceTitle(name: string, sources: SourceView[], hosts: Host[]): string {
  if (name === 'own') return 'yours'
  if (name === 'shipped') return 'this installation'
  const source = sources.find((each) => each.name === name)
  const on = hosts.find(({ id }) => id === source?.host)?.title ?? source?.host ?? null
  if (name.startsWith('launcher:')) return `spark-vllm-docker on ${on ?? name.slice('launcher:'.length)}`
  if (!source) return name
  const commit = source.commit === null ? '' : ` at ${source.commit.slice(0, 7)}`
  return `${name}, ${source.folder}${on === null ? '' : ` on ${on}`}${commit}`
}
