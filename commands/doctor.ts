import { resolve } from 'node:path'
import { controllerKey, pasteLine } from '../core/cluster/controller-key'
import { type Check, examinationCommand, readExamination } from '../core/cluster/examination'
import { firstContact } from '../core/cluster/first-contact'
import { hostKeys } from '../core/cluster/host-keys'
import { type LiveHost, liveHosts } from '../core/cluster/hosts'
import { runProbe } from '../core/cluster/probe'
import { formatFinding } from '../core/config/findings'
import { openStore } from '../core/store/store'
import type { Kind } from '../handlers/kind'
import { readDeclared } from './declared'
import { options } from './options'

const usage = 'usage: doctor [--config FILE] [--data DIR] [--json]'
const patienceMs = 8000

/** `doctor`: connects to every declared host and says what is right, what is wrong, and the remedy; changes nothing there. */
export async function doctor(argv: readonly string[], kinds: Kind[]): Promise<number> {
  const { values } = options(argv, { config: 'string', data: 'string', json: 'boolean' }, usage)
  const config = values.config ?? process.env.SPARK_CONTROL_CONFIG ?? 'spark.config.yaml'
  const { cluster, findings } = await readDeclared(config, kinds)
  if (!cluster) {
    console.log(findings.map(formatFinding).join('\n'))
    return 1
  }
  const data = resolve(values.data ?? process.env.SPARK_CONTROL_DATA ?? 'data')
  const key = controllerKey(data, cluster.sshKey)
  const store = openStore(data)
  // A look pins nothing, but a changed key is still told.
  const { pinned } = hostKeys(store)
  const hosts = liveHosts({ cluster, key, hostKeys: { pinned, pin() {} } })
  try {
    const ofHosts = [...hosts.values()].map((live) => examine(live, pasteLine(key.publicLine)))
    const ofServices = cluster.services
      .filter((service) => !service.disabled)
      .map(async (service): Promise<Check> => {
        const subject = `service:${service.id}`
        const kind = kinds.find((each) => each.kind === service.kind)
        const address = hosts.get(service.hosts[0]?.id ?? '')?.address ?? service.hosts[0]?.address ?? ''
        const outcome = kind ? await runProbe(kind.probe(service), address, service) : null
        if (outcome?.kind === 'answered') {
          const { state, cause = '', remedy = null } = outcome.finding
          return {
            ok: state === 'up',
            subject,
            text: state === 'up' ? `answers on port ${service.port}` : cause,
            remedy: state === 'up' ? null : remedy,
          }
        }
        return {
          ok: false,
          subject,
          text: `does not answer on port ${service.port} (${outcome?.kind})`,
          remedy:
            service.kind === 'vllm' ? 'swap to a model, if none is meant to run' : 'start it, or correct its port',
        }
      })
    const checks = [...(await Promise.all(ofHosts)).flat(), ...(await Promise.all(ofServices))]
    const ok = checks.every((check) => check.ok)
    console.log(values.json ? JSON.stringify({ ok, checks }) : checks.map(line).join('\n'))
    return ok ? 0 : 1
  } finally {
    for (const live of hosts.values()) live.close()
    store.close()
  }
}

async function examine(live: LiveHost, paste: string): Promise<Check[]> {
  const subject = `host:${live.host.id}`
  if (!(await firstContact(live, patienceMs))) {
    const remedy =
      live.link.code === 'key_refused'
        ? `paste there: ${paste}`
        : (live.link.remedy ?? 'check power, cable and address')
    return [{ ok: false, subject, text: live.link.cause ?? `does not answer within ${patienceMs / 1000} s`, remedy }]
  }
  const connected: Check = {
    ok: true,
    subject,
    text: `${live.host.user}@${live.address} lets this controller in`,
    remedy: null,
  }
  const { stdout } = await live.run(examinationCommand(live.host.launcher ?? ''), { timeoutMs: 20_000 })
  return [connected, ...readExamination(live.host.id, stdout, Date.now() / 1000, live.host.launcher)]
}

function line({ ok, subject, text, remedy }: Check): string {
  return `${ok ? 'ok    ' : 'wrong '} ${subject}: ${text}${remedy === null ? '' : `; ${remedy}`}`
}
