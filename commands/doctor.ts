import { resolve } from 'node:path'
import { controllerKey, pasteLine } from '../core/cluster/controller-key'
import { hostKeys } from '../core/cluster/host-keys'
import { liveHosts } from '../core/cluster/hosts'
import { logins } from '../core/cluster/logins'
import { formatFinding } from '../core/config/findings'
import type { Check } from '../core/doctor/check'
import { doctor as examined } from '../core/doctor/doctor'
import { openStore } from '../core/store/store'
import type { Kind } from '../handlers/kind'
import { probes } from '../handlers/probes'
import { readDeclared } from './declared'
import { options } from './options'

const usage = 'usage: doctor [--config FILE] [--data DIR] [--json]'

/** `doctor`: connects to every declared host and says what is right, what is wrong, and the remedy; changes nothing there. */
export async function doctor(argv: readonly string[], kinds: Kind[]): Promise<number> {
  const { values } = options(argv, { config: 'string', data: 'string', json: 'boolean' }, usage)
  const config = values.config ?? process.env.SPARK_CONTROL_CONFIG ?? 'spark.config.yaml'
  const { cluster, recipes, findings } = await readDeclared(config, kinds)
  if (!cluster) {
    console.log(findings.map(formatFinding).join('\n'))
    return 1
  }
  const data = resolve(values.data ?? process.env.SPARK_CONTROL_DATA ?? 'data')
  const key = controllerKey(data, cluster.sshKey)
  const store = openStore(data)
  // A look pins nothing, but a changed key is still told.
  const { pinned } = hostKeys(store)
  const trust = { key, hostKeys: { pinned, pin() {} } }
  const hosts = liveHosts({ cluster, ...trust })
  const own = logins({ hosts, ...trust, onLink() {} })
  const kindOf = (name: string) => kinds.find(({ kind }) => kind === name)
  const services = cluster.services.filter((service) => !service.disabled)
  try {
    const report = await examined({
      cluster,
      recipes,
      hosts,
      probes: probes(cluster.services, kinds),
      swappable: services.filter((service) => kindOf(service.kind)?.swappable),
      loginOf: own.of,
      paste: pasteLine(key.publicLine),
    })
    console.log(values.json ? JSON.stringify(report) : report.checks.map(line).join('\n'))
    return report.ok ? 0 : 1
  } finally {
    own.close()
    for (const live of hosts.values()) live.close()
    store.close()
  }
}

function line({ ok, subject, text, remedy }: Check): string {
  const word = ok === null ? 'unsure' : ok ? 'ok    ' : 'wrong '
  return `${word} ${subject}: ${text}${remedy === null ? '' : `; ${remedy}`}`
}
