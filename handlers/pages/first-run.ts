import { isUndeclared } from '../../core/discovery/example'
import { targets } from '../../core/discovery/target'
import { ApiError } from '../../core/gateway/api-error'
import { limitedBytes } from '../../core/gateway/limited-body'
import type { Runtime } from '../../core/runtime'
import { acceptedPage, firstRunPage } from '../../views/pages/first-run'
import { overviewPage } from '../../views/pages/overview'
import { lookPart, type Refused } from '../../views/parts/look'
import { accept, beginLook, currentLook } from '../control/discover'
import type { Kind } from '../kind'
import { html } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const longestForm = 1024 * 1024
const longestConfig = 256 * 1024
const comeBackS = 1

/** The dashboard, or the way to it while no Spark is declared; every step is a plain form, so it works without a script. */
export function firstRunPages(runtime: Runtime, kinds: Kind[]): PlainRoute[] {
  /** The findings before a configuration was accepted; null while none was. */
  let before: Runtime['findings'] | null = null

  function firstRun(refused: Refused | null = null): Response {
    return html(firstRunPage(pageData(runtime), currentLook(runtime, kinds), refused), refused ? 422 : 200)
  }

  function undeclared(): boolean {
    return isUndeclared(runtime.cluster)
  }

  return [
    {
      method: 'GET',
      path: '/',
      handle() {
        if (!undeclared()) return html(overviewPage(pageData(runtime)))
        // Between the written file and its reload; if that finds fault with it, the fault is told instead.
        if (before !== runtime.findings) return firstRun()
        const page = html(acceptedPage(pageData(runtime)))
        page.headers.set('refresh', `${comeBackS};url=/`)
        return page
      },
    },
    {
      method: 'GET',
      path: '/ui/discover',
      handle: () => (undeclared() ? html(lookPart(currentLook(runtime, kinds))) : elsewhereAccepted()),
    },
    {
      method: 'POST',
      path: '/ui/discover',
      async handle(request) {
        const form = await formOf(request)
        const [addresses, user] = [form.get('addresses') ?? '', (form.get('user') ?? '').trim()]
        try {
          beginLook(runtime, targets(addresses, user))
        } catch (error) {
          if (error instanceof ApiError) return back()
          return firstRun({ form: 'addresses', problems: [(error as Error).message], addresses, user })
        }
        // Most Sparks answer within a second: the page then begins with the step that is needed.
        await runtime.discovery.settled(1500)
        return back()
      },
    },
    {
      method: 'POST',
      path: '/ui/discover/drop',
      handle() {
        runtime.discovery.dropUnseen()
        return back()
      },
    },
    {
      method: 'POST',
      path: '/ui/discover/forget',
      handle() {
        runtime.discovery.begin([])
        return back()
      },
    },
    {
      method: 'POST',
      path: '/ui/discover/accept',
      async handle(request) {
        // A browser sends its lines with CR LF.
        const config = ((await formOf(request)).get('config') ?? '').replaceAll('\r\n', '\n')
        try {
          if (config.length > longestConfig)
            throw new ApiError(422, 'invalid_config', 'config: is larger than 256 kB; shorten it')
          await accept(runtime, kinds, config)
          before = runtime.findings
          return back()
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          const findings = error.options.more?.findings
          return firstRun({
            form: 'config',
            problems: Array.isArray(findings) ? findings.map(String) : [error.message],
            config,
          })
        }
      },
    },
  ]
}

/** Another window has accepted: a page that still asks becomes the dashboard as a whole. */
const elsewhereAccepted = () => new Response(null, { headers: { 'hx-refresh': 'true' } })
const back = () => Response.redirect('/', 303)

async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await limitedBytes(request, longestForm)))
}
