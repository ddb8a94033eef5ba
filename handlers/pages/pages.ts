import type { Runtime } from '../../core/runtime'
import { apiPage } from '../../views/pages/api'
import { live } from '../control/hosts'
import { endpointGroups } from '../endpoint-views'
import type { GeneratedPath } from '../gateway'
import type { Kind } from '../kind'
import { activityPages } from './activity'
import { act, html } from './answers'
import { coordinationGuidePages } from './coordination-guide'
import { doctorPages } from './doctor'
import { firstRunPages } from './first-run'
import { hostPages } from './host'
import { liveView } from './live-view'
import { lockPages } from './lock'
import { makeRoomPages } from './make-room'
import { modelPages } from './models'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'
import { recipePages } from './recipe'
import { schedulePages } from './schedules'
import { servicePages } from './service'
import { setupPages } from './setup'
import { swapPages } from './swap'
import { webhookPages } from './webhooks'

/** The pages, their live stream, and the forms on them. */
export function pages(runtime: Runtime, kinds: Kind[], generated: GeneratedPath[]): PlainRoute[] {
  return [
    ...firstRunPages(runtime, kinds),
    ...activityPages(runtime),
    ...doctorPages(runtime, kinds),
    ...hostPages(runtime),
    ...servicePages(runtime, generated),
    ...modelPages(runtime),
    ...recipePages(runtime),
    ...setupPages(runtime),
    ...swapPages(runtime),
    ...makeRoomPages(runtime),
    ...lockPages(runtime),
    ...schedulePages(runtime),
    ...webhookPages(runtime),
    ...coordinationGuidePages(runtime),
    {
      method: 'GET',
      path: '/ui/api',
      handle: (request) => html(apiPage(pageData(runtime), endpointGroups(request, runtime, kinds, generated))),
    },
    { method: 'GET', path: '/ui/events', handle: (request) => liveView(request, runtime) },
    {
      method: 'POST',
      path: '/ui/hosts/:id/connect',
      handle: (request, { id }) => act(request, async () => live(runtime, id).retry()),
    },
  ]
}
