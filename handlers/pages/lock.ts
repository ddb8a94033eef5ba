import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { releaseLockPage } from '../../views/pages/release-lock'
import { act, html } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const path = '/ui/lock/release'

/** The release of somebody else's lock, with the question before it. */
export function lockPages(runtime: Runtime): PlainRoute[] {
  return [
    { method: 'GET', path, handle: () => html(releaseLockPage(pageData(runtime))) },
    {
      method: 'POST',
      path,
      handle: (request) => act(request, async (form) => release(runtime, form.get('holder'))),
    },
  ]
}

/** Only the lock that the person was asked about: by now another may hold it. */
function release({ lock }: Runtime, asked: string | null) {
  const { holder } = lock.view()
  if (holder === null) return
  if (holder !== asked)
    throw new ApiError(409, 'other_holder', `lock: ${holder} holds it now; look at it again before you release it`)
  lock.forceRelease()
}
