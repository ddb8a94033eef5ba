import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { swapPage } from '../../views/pages/swap'
import { cancelJob, jobOf } from '../control/jobs'
import { requestSwap } from '../control/swap'
import { act, html, problem } from './answers'
import { roomQuestion } from './make-room'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

/** The page of one swap, and the forms that begin and end one. */
export function swapPages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path: '/ui/swap/:job',
      handle(_, { job }) {
        try {
          return html(swapPage(jobOf(runtime, job), pageData(runtime)))
        } catch {
          return problem(404, 'No such swap', 'This swap is not known.', 'Look at the overview for the latest one.')
        }
      },
    },
    {
      method: 'POST',
      path: '/ui/swap',
      handle: (request) => swap(runtime, request),
    },
    {
      method: 'POST',
      path: '/ui/swap/cancel',
      handle: (request) => act(request, async (form) => cancelJob(runtime, form.get('job') ?? undefined)),
    },
  ]
}

/** Sends a person on to the question whether other models may end, where that is what is in the way. */
async function swap(runtime: Runtime, request: Request): Promise<Response> {
  let question: string | null = null
  const answer = await act(request, async (form) => {
    const recipe = form.get('recipe')
    if (recipe === null) throw new ApiError(422, 'recipe_missing', 'recipe: is missing; choose one')
    const service = form.get('service') ?? runtime.swappable[0]?.id
    const make_room = form.get('make_room') === 'true'
    const again = form.get('again') === 'true'
    try {
      await requestSwap(runtime, { recipe: recipe || null, service, make_room, by: 'person', again })
    } catch (error) {
      question = make_room ? null : roomQuestion(error, recipe, service ?? '')
      if (question === null) throw error
    }
  })
  if (question === null) return answer
  const byHtmx = request.headers.get('hx-request') === 'true'
  return byHtmx ? new Response(null, { headers: { 'hx-redirect': question } }) : Response.redirect(question, 303)
}
