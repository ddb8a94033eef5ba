import { resolve } from 'node:path'
import { controllerKey, pasteLine } from '../core/cluster/controller-key'
import { configuration } from '../core/discovery/configuration'
import { discovery } from '../core/discovery/discovery'
import { distinct } from '../core/discovery/distinct'
import { type Target, target } from '../core/discovery/target'
import type { Kind } from '../handlers/kind'
import { options, UsageError } from './options'

const usage = 'usage: discover USER@ADDRESS[:PORT]… [--data DIR]'
const patienceMs = 8000
const lookMs = 25_000

/** `discover`: looks at Sparks and prints a spark.config.yaml to start from. */
export async function discover(argv: readonly string[], kinds: Kind[]): Promise<number> {
  const { values, words } = options(argv, { data: 'string' }, usage)
  if (words.length === 0) throw new UsageError(usage)
  const wanted = words.map(targetOf)
  const key = controllerKey(resolve(values.data ?? process.env.SPARK_CONTROL_DATA ?? 'data'))
  const looking = discovery(key)
  try {
    looking.begin(wanted)
    await looking.settled(patienceMs)
    // Whoever let this controller in gets the time that a look takes.
    if (looking.sparks().some(({ seen, link }) => seen === null && link.state === 'up')) await looking.settled(lookMs)
    const { sparks, remarks } = distinct(looking.sparks())
    const silent = sparks.filter(({ seen }) => seen === null)
    for (const {
      target: { user, address },
      link,
    } of silent) {
      console.error(
        `${user}@${address}: ${link.cause ?? 'does not answer'}; ${link.remedy ?? 'check power, cable and address'}`,
      )
      if (link.code === 'key_refused') console.error(`  paste there: ${pasteLine(key.publicLine)}`)
    }
    process.stdout.write(configuration({ sparks, remarks, kinds: kinds.map(({ kind }) => kind) }))
    return silent.length === 0 ? 0 : 1
  } finally {
    looking.close()
  }
}

function targetOf(word: string): Target {
  try {
    return target(word)
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`)
  }
}
