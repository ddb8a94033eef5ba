import { formatFinding } from '../../core/config/findings'
import { loadConfig } from '../../core/config/load'
import { noSuchFile, readSource } from '../../core/config/source'
import { NotWrittenError, writeConfiguration } from '../../core/discovery/acceptance'
import { distinct } from '../../core/discovery/distinct'
import { declaresSparks, isUndeclared } from '../../core/discovery/example'
import { type LookView, lookView } from '../../core/discovery/look-view'
import { type Target, target } from '../../core/discovery/target'
import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import type { Kind } from '../kind'
import type { Route } from '../route'

/** From addresses to a configuration: look, see what is there, accept. */
export function discoverRoutes(kinds: Kind[]): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/discover',
      tag: 'first steps',
      summary:
        'Look at Sparks by address and user, while none is declared; goes on by itself until each lets this controller in',
      body: {
        type: 'object',
        additionalProperties: false,
        required: ['hosts'],
        properties: {
          hosts: {
            type: 'array',
            minItems: 1,
            maxItems: 16,
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['user', 'address'],
              properties: {
                user: { type: 'string', maxLength: 32 },
                address: { type: 'string', maxLength: 253 },
                ssh_port: { type: 'integer', minimum: 1, maximum: 65535 },
              },
            },
          },
        },
      },
      example: { hosts: [{ user: 'spark', address: '192.0.2.11' }] },
      success: 202,
      answers: {
        202: 'the look has begun; GET /api/discover tells how far it is',
        409: 'real Sparks are declared already',
      },
      handle({ runtime, body }) {
        const { hosts } = body as { hosts: { user: string; address: string; ssh_port?: number }[] }
        beginLook(
          runtime,
          hosts.map((host, index) => targetOf(host, index)),
        )
        return Response.json(currentLook(runtime, kinds), { status: 202 })
      },
    },
    {
      method: 'GET',
      path: '/api/discover',
      tag: 'first steps',
      summary: 'The look of now: who let this controller in, what was found, the configuration to accept',
      handle: ({ runtime }) => currentLook(runtime, kinds),
    },
    {
      method: 'POST',
      path: '/api/discover/accept',
      tag: 'first steps',
      summary:
        'Write the configuration that came of the look, or an edited one; the controller goes on with it at once',
      body: {
        type: 'object',
        additionalProperties: false,
        required: ['config'],
        properties: { config: { type: 'string', minLength: 1, maxLength: 262_144 } },
      },
      example: { config: 'hosts:\n  spark-1: { address: 192.0.2.11, user: spark }\n' },
      answers: {
        409: 'real Sparks are declared already, or the file that is there cannot be read',
        422: 'the text is no valid configuration',
      },
      async handle({ runtime, body }) {
        return accept(runtime, kinds, (body as { config: string }).config)
      },
    },
  ]
}

/** What is known of the Sparks that were asked for. */
export function currentLook(runtime: Runtime, kinds: Kind[]): LookView {
  return lookView(
    runtime.discovery.sparks(),
    kinds.map(({ kind }) => kind),
    runtime.pasteLine(),
  )
}

/**
 * Begins a look. Once Sparks are declared there is none: whoever is on the network could try ports of other machines with it.
 * @throws {ApiError} 409
 */
export function beginLook(runtime: Runtime, targets: Target[]): void {
  if (!isUndeclared(runtime.cluster)) throw alreadyDeclared()
  runtime.discovery.begin(targets)
}

let lastAcceptance: Promise<unknown> = Promise.resolve()

/**
 * Writes an accepted configuration and pins the host keys that were seen; one after another, so that of two only one is written.
 * @throws {ApiError} 409, 422 with `findings`, 503
 */
export function accept(runtime: Runtime, kinds: Kind[], text: string): Promise<{ hosts: string[] }> {
  const acceptance = lastAcceptance.then(() => acceptNow(runtime, kinds, text))
  lastAcceptance = acceptance.catch(() => {})
  return acceptance
}

async function acceptNow(runtime: Runtime, kinds: Kind[], text: string): Promise<{ hosts: string[] }> {
  const before = await readSource(runtime.configPath)
  if (typeof before === 'string' && declaresSparks(before)) throw alreadyDeclared()
  if (typeof before !== 'string' && before !== noSuchFile)
    throw new ApiError(409, 'unreadable', `spark.config.yaml: ${before.problem}; ${before.remedy}, or move it away`)
  const { cluster, findings } = loadConfig({ text, file: 'spark.config.yaml', kinds, recipes: runtime.recipes })
  if (!cluster) {
    const wrong = findings.filter(({ severity }) => severity !== 'note').map(formatFinding)
    throw new ApiError(422, 'invalid_config', wrong[0] ?? 'config: is not valid; see docs/CONFIG.md', {
      param: '/config',
      more: { findings: wrong },
    })
  }
  const { sparks } = distinct(runtime.discovery.sparks())
  try {
    await writeConfiguration(runtime.configPath, text)
  } catch (error) {
    if (error instanceof NotWrittenError) throw new ApiError(503, 'not_writable', error.message)
    throw error
  }
  for (const { id, address, sshPort } of cluster.hosts) {
    const seen = sparks.find((spark) => isAt(spark, address, sshPort))
    if (seen?.fingerprint) runtime.pinHostKey(id, seen.fingerprint)
  }
  return { hosts: cluster.hosts.map(({ id }) => id) }
}

function alreadyDeclared(): ApiError {
  return new ApiError(
    409,
    'already_declared',
    'spark.config.yaml: names real Sparks already; edit that file, it is read again by itself',
  )
}

function isAt(spark: { target: Target; resolved: string | null }, address: string, port: number): boolean {
  return spark.target.sshPort === port && (spark.target.address === address || spark.resolved === address)
}

function targetOf(
  { user, address, ssh_port: port = 22 }: { user: string; address: string; ssh_port?: number },
  index: number,
) {
  try {
    if (address.includes(':')) throw new Error('address: holds a port; put it under ssh_port')
    return target(`${address}:${port}`, user)
  } catch (error) {
    throw new ApiError(422, 'invalid_host', `body.hosts.${index}: ${(error as Error).message}`, {
      param: `/hosts/${index}`,
    })
  }
}
