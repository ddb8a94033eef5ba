import { ApiError } from '../../core/gateway/api-error'
import { limitedBytes } from '../../core/gateway/limited-body'
import type { Html } from '../../views/html'
import { problemPage } from '../../views/pages/problem'
import { partial } from '../../views/partial'
import { Notice } from '../../views/parts/live'
import { storageRefusal } from '../storage-refusal'

const longestForm = 4096

/** Runs what a form asks for; htmx gets the outcome as a notice, a browser without it is sent back to the page. */
export async function act(
  request: Request,
  action: (form: URLSearchParams) => Promise<unknown>,
  back = '/',
): Promise<Response> {
  const byHtmx = request.headers.get('hx-request') === 'true'
  try {
    await action(await formOf(request))
    return byHtmx ? notice() : Response.redirect(back, 303)
  } catch (error) {
    const refused = error instanceof ApiError ? error : storageRefusal(error)
    if (!refused) throw error
    const [what = refused.message, ...remedy] = refused.message.split('; ')
    // A notice is the answer to the click, so it is swapped in like any other.
    return byHtmx
      ? notice(refused.message)
      : problem(refused.status, 'That did not work', what, remedy.join('; ') || 'Go back and try again.')
  }
}

/** The fields of a short form. */
export async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await limitedBytes(request, longestForm)))
}

function notice(text?: string): Response {
  return html(partial('notice', Notice({ text })))
}

export function problem(status: number, title: string, text: string, remedy: string): Response {
  return html(problemPage({ status, title, text, remedy }), status)
}

export function html(body: Html, status = 200): Response {
  return new Response(body.value, { status, headers: { 'content-type': 'text/html; charset=utf-8' } })
}
