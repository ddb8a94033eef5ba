import type { Runtime } from '../../core/runtime'
import guide from '../../docs/COORDINATION.md' with { type: 'text' }
import { coordinationGuidePage } from '../../views/pages/coordination-guide'
import { html } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

/** The guide to sharing the cluster, for whoever writes an app. */
export function coordinationGuidePages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path: '/ui/coordination',
      handle: () => html(coordinationGuidePage(guide, pageData(runtime))),
    },
  ]
}
