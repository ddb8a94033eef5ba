import { stringify } from 'yaml'
import type { SuggestedFlag } from './settle'

/** What a suggested recipe holds; text in it comes from our tables, but for the repo. */
export interface Draft {
  name: string
  description: string
  repo: string
  container: string
  runtime: 'launch-cluster' | 'docker'
  mods: string[]
  buildArgs: string[]
  soloOnly: boolean
  clusterOnly: boolean
  /** Values that stand under `defaults` and are named in the command, by flag. */
  defaults: { flag: string; name: string; value: number | null }[]
  flags: SuggestedFlag[]
  capabilities: string[]
}

/** A recipe of spark-vllm-docker as a person would write it, with the reasons in comments above. */
export function recipeYaml(draft: Draft): string {
  const set = draft.flags.filter(({ value }) => value !== null)
  const env = set.filter(isVariable).map(({ flag, value }) => [flag, String(value)])
  const docker = draft.runtime === 'docker' ? { runtime: 'docker', docker: { entrypoint: 'keep' } } : {}
  const blocks: object[] = [
    {
      recipe_version: '1',
      name: draft.name,
      description: draft.description,
      model: draft.repo,
      container: draft.container,
      ...(draft.soloOnly && { solo_only: true }),
      ...(draft.clusterOnly && { cluster_only: true }),
    },
    ...(draft.mods.length > 0 ? [{ mods: draft.mods }] : []),
    ...(draft.buildArgs.length > 0 ? [{ build_args: draft.buildArgs }] : []),
    {
      defaults: Object.fromEntries([
        ['port', 8000],
        ['host', '0.0.0.0'],
        ...draft.defaults.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])),
      ]),
    },
    { env: Object.fromEntries(env) },
    { command: command(draft, set) },
    { spark_control: { capabilities: draft.capabilities, ...docker } },
  ]
  return [...comments(draft.flags), ...blocks.map((block) => `\n${stringify(block, { lineWidth: 0 })}`)].join('')
}

function command({ repo, defaults }: Draft, set: SuggestedFlag[]): string {
  const lines = [
    `vllm serve ${repo}`,
    '--host {host}',
    '--port {port}',
    ...defaults.map(({ flag, name }) => `${flag} {${name}}`),
    ...set
      .filter(({ flag }) => flag.startsWith('--') && !defaults.some((each) => each.flag === flag))
      .map(({ flag, value }) => (value === true ? flag : `${flag} ${quoted(String(value))}`)),
  ]
  return `${lines.join(' \\\n  ')}\n`
}

/** As a shell would read it, with the braces doubled that a recipe's template takes for its own. */
function quoted(value: string): string {
  const plain = /^[A-Za-z0-9_.,:/=+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
  return plain.replaceAll('{', '{{').replaceAll('}', '}}')
}

function comments(flags: SuggestedFlag[]): string[] {
  const told = flags.map(({ flag, value, reason, confidence }) => {
    const what = value === true ? flag : `${flag} ${value ?? '(left out)'}`
    return `# ${what}: ${reason}${confidence === 'guess' ? ' (a guess)' : ''}\n`
  })
  return ['# Suggested by Spark Control from what the model says of itself. Why it is as it is:\n', ...told]
}

const isVariable = ({ flag }: SuggestedFlag) => /^[A-Z]/.test(flag)
