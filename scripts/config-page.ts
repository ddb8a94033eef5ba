import type { DeclaredKind } from '../core/config/cluster'
import { commonSchema, serviceProperties } from '../core/config/common-schema'
import { configSchema, type JsonSchema } from '../core/config/schema'
import { recipeSchema } from '../core/models/recipe-schema'

/** docs/CONFIG.md: the example, then a table a part, all read from the schemas. */
export function configPage(kinds: readonly DeclaredKind[], example: string): string {
  const root = configSchema(kinds)
  const { properties, ...top } = commonSchema
  const scalars = Object.fromEntries(
    Object.entries(properties).filter(([name]) => name !== 'hosts' && name !== 'services'),
  )
  return [
    '# Configuration',
    '<!-- Written by `bun run schema` from the schemas and from spark.config.yaml: change those. -->',
    introduction,
    `\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
    '## Top level',
    table({ ...top, properties: { ...scalars, hosts: properties.hosts, services: properties.services } }, root),
    '## `hosts.<id>`',
    table(commonSchema.$defs.host, root),
    '## `services.<id>`, whatever the kind',
    table({ required: ['kind'], properties: { kind: kindProperty(kinds), ...serviceProperties } }, root),
    ...kinds.flatMap((kind) => kindSection(kind, root)),
    rules,
    '## `recipes/<id>.yaml`',
    recipes,
    table(recipeSchema, recipeSchema),
    '',
  ].join('\n\n')
}

const introduction = `\`spark.config.yaml\` declares the cluster: which Sparks there are and what runs on them. \`recipes/*.yaml\` beside it declare the
models that can be launched. \`check spark.config.yaml\` validates both without connecting anywhere, and says of every problem where
it is and what to do: \`file:line:column: path: problem; remedy\`. An editor that knows yaml-language-server does the same while
you type, thanks to the first line of the file. This is the file that is shipped:`

const rules = `## What is held against each other

- **Ids** of hosts, services and recipes match \`^[a-z0-9][a-z0-9._-]{0,63}$\`; a recipe's is its file name in lower case.
- **Addresses** are IPv4 addresses or names that are resolved once, to IPv4. Names ending in \`.local\` cannot be resolved from a
  container, and vLLM and its neighbours bind IPv4 only, so both \`.local\` names and IPv6 addresses are refused.
- **Placeholders** such as \`<spark-1-ip>\` under \`hosts\` are reported with what to put there; until then the first-run page is shown.
- **No two** hosts have the same address and SSH port, services the same port on a host, or services the same endpoint. Endpoints
  that are routed by \`model\` may be shared, by services that name different models. Services with \`disabled: true\` do not count.
- **Names** an app sends in \`model\` mean one thing: a recipe id, an alias, a model repo (or the \`model\` of a service) or a capability,
  looked up in this order. An alias names one of the other three. \`current\` is reserved.
- **Limits**: 256 kB a file, 64 levels, 20 000 values; no key twice, no YAML tags, no key \`__proto__\`, \`constructor\` or \`prototype\`.`

const recipes = `Recipes of spark-vllm-docker (\`recipe_version: "1"\`) load unchanged; keys they add later are kept and noted. \`command\` is one program call:
\`{name}\` is filled from \`defaults\` (\`port\` and \`host\` always have a value), literal braces are doubled, and the result is read as a shell would
read words (quotes, backslash, comments) with nothing expanded: \`$\`, backticks and \`*\` stay as they are, and \`;\`, \`|\`, \`&\`, \`<\`, \`>\`, \`(\`, \`)\`
must be quoted. The number of Sparks is the product of the tensor, pipeline and data parallel sizes in the command. \`container\` and
\`command\` are needed but for runtime \`script\`. \`{gpu_memory_utilization}\` without a default, or with \`auto\`, gets the smallest share
that serves the wanted context. \`model\` may be \`local/<name>\`, a plain folder on the Sparks (\`hosts.<id>.models\`).

Recipes of sparkrun (\`recipe_version: "2"\`) load unchanged too, with or without a \`command\`: one Spark and an image is started by
\`docker run\` with its \`executor_config\`, several Sparks or \`mods\` by launch-cluster.sh. One that is for another engine than vLLM, or runs
commands of its own (\`pre_exec\`, \`post_exec\`, \`post_commands\`), is shown with the reason why it can't be launched. Nothing of the
controller's environment is put into \`env\`. Both formats take the block \`spark_control\`.

Of several recipes with one id the first counts: \`recipes/\` of the data directory, \`recipes/\` beside the configuration (or the shipped ones),
the folders under \`recipes:\` in their order, each launcher's own folder. Foreign ones, and those that came by HTTP, are launched only once
their commands were shown and accepted.`

function kindProperty(kinds: readonly DeclaredKind[]): JsonSchema {
  return { enum: kinds.map(({ kind }) => kind), description: 'What kind of service this is.' }
}

function kindSection({ kind, summary, defaultPort, manyHosts, schema }: DeclaredKind, root: object): string[] {
  const port = portSentence(defaultPort)
  const hosts = manyHosts ? 'It may span several hosts.' : 'It stands on one host.'
  const own = Object.keys(schema.properties).length > 0 ? [table(schema, root)] : []
  return [`### \`kind: ${kind}\`: ${summary}`, `${port} ${hosts}`, ...own]
}

function portSentence(defaultPort: number | undefined): string {
  if (defaultPort === 0) return 'It need not have a `port`.'
  return defaultPort === undefined ? '`port` is required.' : `\`port\` is ${defaultPort} when left out.`
}

function table(schema: JsonSchema | DeclaredKind['schema'], root: object): string {
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows(schema as JsonSchema, root)].join(
    '\n',
  )
}

function rows(schema: JsonSchema, root: object, prefix = ''): string[] {
  const required = new Set((schema.required ?? []) as string[])
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, written]) => {
    const property = resolved(written, root)
    const key = prefix + name
    const value = required.has(name)
      ? '**required**'
      : property.default !== undefined && property.default !== ''
        ? `\`${property.default}\``
        : ''
    const cells = [`\`${key}\``, typeOf(property, root), value, String(property.description ?? '')]
    const row = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
    const items = resolved((property.items ?? {}) as JsonSchema, root)
    return [row, ...rows(property, root, `${key}.`), ...rows(items, root, `${key}[].`)]
  })
}

function typeOf(schema: JsonSchema, root: object): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${value}\``).join(' ')
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null')
  if (types.includes('array')) {
    const items = resolved((schema.items ?? {}) as JsonSchema, root)
    return `list of ${Array.isArray(items.enum) ? typeOf(items, root) : plural(typeOf(items, root))}`
  }
  const range =
    schema.minimum !== undefined && schema.maximum !== undefined ? ` ${schema.minimum}–${schema.maximum}` : ''
  return types.map((type) => plain[String(type)] ?? type).join(' or ') + range
}

const plain: Record<string, string> = { object: 'keys', string: 'text', boolean: 'true or false', integer: 'number' }

const plural = (type: string) => ({ text: 'texts', number: 'numbers', keys: 'entries' })[type] ?? type

function resolved(schema: JsonSchema, root: object): JsonSchema {
  const { $ref, ...own } = schema
  if (typeof $ref !== 'string') return schema
  const target = $ref.split('/').slice(1)
  const found = target.reduce<unknown>((node, part) => (node as JsonSchema | undefined)?.[part], root)
  return { ...(found as JsonSchema), ...own }
}
