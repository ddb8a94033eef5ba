import { firstContact } from '../cluster/first-contact'
import type { LiveHost } from '../cluster/hosts'
import type { Service } from '../config/cluster'
import { right, type Verdict, wrong } from './check'

/** Whether a service's own user lets this controller in; null where it logs in as its host's user. */
export async function loginCheck(
  { user, hosts: [head] }: Service,
  loginOf: () => LiveHost,
  { paste, patienceMs }: { paste: string; patienceMs: number },
): Promise<Verdict | null> {
  if (user === null || user === head?.user) return null
  const live = loginOf()
  if (await firstContact(live, patienceMs))
    return right('key', `${user}@${live.address} lets this controller in, as this service's own user`)
  const { code, cause, remedy } = live.link
  const text = cause ?? `${user}@${head?.address} does not answer within ${patienceMs / 1000} s`
  if (code === 'key_refused') return wrong('key', text, `paste there, logged in as ${user}`, paste)
  return wrong('key', text, remedy ?? 'mend what is wrong with its Spark first')
}
