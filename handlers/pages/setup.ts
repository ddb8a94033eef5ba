import type { Finding } from '../../core/config/cluster'
import { idPattern, repoPattern } from '../../core/config/common-schema'
import { formatFinding } from '../../core/config/findings'
import { ApiError } from '../../core/gateway/api-error'
import { limitedBytes } from '../../core/gateway/limited-body'
import type { Runtime } from '../../core/runtime'
import { setupPage } from '../../views/pages/setup'
import { saveRecipe, trustRecipe } from '../control/recipes'
import { html, problem } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

// 64 kB of YAML, of which a form may make three times as much.
const longestForm = 256 * 1024

/** The page that makes a recipe for a model without one, once a person has read and confirmed it. */
export function setupPages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path: '/ui/models/setup',
      handle(request) {
        const repo = new URL(request.url).searchParams.get('repo') ?? ''
        const suggestion = new RegExp(repoPattern).test(repo) ? runtime.suggest(repo) : null
        return suggestion ? html(setupPage(repo, suggestion, null, pageData(runtime))) : missing(repo)
      },
    },
    {
      method: 'GET',
      path: '/ui/recipes/:id/edit',
      handle(_, { id = '' }) {
        const recipe = runtime.catalogue.get(id)
        if (!recipe)
          return problem(404, 'No such recipe', `${id} is not known.`, 'Look at the models for those that are.')
        const before = { id, yaml: recipe.text, replaces: recipe.hash, problems: [] }
        return html(setupPage(recipe.repo, null, before, pageData(runtime)))
      },
    },
    {
      method: 'POST',
      path: '/ui/models/setup',
      async handle(request) {
        const form = new URLSearchParams(new TextDecoder().decode(await limitedBytes(request, longestForm)))
        const field = (name: string) => form.get(name) ?? ''
        const [repo, id] = [field('repo'), field('id').trim().toLowerCase()]
        // A browser sends its lines with CR LF.
        const yaml = field('yaml').replaceAll('\r\n', '\n')
        try {
          confirm(runtime, { repo, id, yaml, replaces: field('replaces') })
          return Response.redirect(`/ui/recipes/${id}`, 303)
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          const replaces = String(error.options.more?.replaces ?? field('replaces'))
          const refused = { id, yaml, replaces, problems: problemsOf(error) }
          return html(setupPage(repo, runtime.suggest(repo), refused, pageData(runtime)), error.status)
        }
      },
    },
  ]
}

/** What a person confirmed; `replaces` is the hash of the own recipe that they were told would go. */
interface Confirmed {
  repo: string
  id: string
  yaml: string
  replaces: string
}

/** Its commands stood on the page, so that they are accepted with it. @throws {ApiError} 409, 422 */
function confirm(runtime: Runtime, { repo, id, yaml, replaces }: Confirmed) {
  if (!new RegExp(idPattern).test(id))
    throw new ApiError(422, 'invalid_id', 'short name: use letters, digits, dots, dashes or underscores, at most 64')
  const other = runtime.catalogue.get(id)
  // What stood on the page may be replaced; one of a Spark or the installation gets one of yours laid over it.
  if (other && other.hash !== replaces && (other.source !== 'own' || other.repo !== repo))
    throw new ApiError(409, 'id_taken', `short name: ${id} is the recipe of ${other.repo} already; choose another`)
  if (other && other.hash !== replaces)
    throw new ApiError(
      409,
      'recipe_exists',
      `short name: ${id} is a recipe of yours for this model already; confirm again to replace it, or choose another`,
      { more: { replaces: other.hash } },
    )
  if (!other && runtime.catalogue.holds(id))
    throw new ApiError(
      409,
      'id_taken',
      `short name: ${id} is a file of yours already, which does not load; mend it, or choose another`,
    )
  const { hash } = saveRecipe(runtime, id, yaml).recipe
  trustRecipe(runtime, id, hash)
}

function problemsOf({ options, message }: ApiError): string[] {
  const findings = options.more?.findings
  if (!Array.isArray(findings)) return [message]
  return (findings as Finding[]).filter(({ severity }) => severity !== 'note').map(formatFinding)
}

function missing(repo: string) {
  return problem(
    404,
    'Nothing to set up',
    `${repo || 'It'} is on no disk that was looked at.`,
    'Download it first, or wait until the hosts have answered.',
  )
}
