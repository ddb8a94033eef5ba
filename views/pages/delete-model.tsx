/** @jsxImportSource #jsx */
import type { MenuModel } from '../../core/models/menu'
import { bytes } from '../format/bytes'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { hostTitle } from '../parts/model-standing'

/**
 * The question before a model is deleted.
 * @param refusal why it can't be deleted now; null where it can
 * @param elsewhere by host: the folder in which it stays, where that is no cache of the login
 */
export function deleteModelPage(
  model: MenuModel,
  refusal: string | null,
  data: PageData,
  elsewhere: Record<string, string> = {},
): Html {
  const holding = Object.entries(model.hosts).filter(([, { bytes, state }]) => bytes > 0 || state !== 'missing')
  const silent = new Set(data.cluster.hosts.filter(({ state }) => state !== 'up').map(({ id }) => id))
  const reached = holding.filter(([id]) => !silent.has(id) && !(id in elsewhere))
  // What can be told is told, also where nothing can be removed now.
  const places = reached.length > 0 ? reached : holding
  const staying = holding.filter((place) => !places.includes(place))
  const why =
    refusal ??
    (reached.length > 0
      ? null
      : noneNow(
          holding.map(([id]) => id),
          elsewhere,
          data,
        ))
  const title = `Delete ${model.name} from ${places.map(([id]) => hostTitle(id, data)).join(' and ')}?`
  const names = data.recipes.filter(({ id }) => model.recipes.includes(id)).map(({ name }) => name)
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <section class="panel" aria-labelledby="question">
          <h1 id="question">{title}</h1>
          {model.name !== model.repo && <p class="small">{model.repo}</p>}
          <p>These files are removed for good:</p>
          <ul>
            {places.map(([id, host]) => (
              <li>
                {hostTitle(id, data)}: <strong>{bytes(host.bytes)}</strong>
              </li>
            ))}
          </ul>
          {staying.map(([id]) => (
            <p>{staysOn(id, elsewhere, data)}</p>
          ))}
          <p>
            {names.length > 0
              ? `Its ${names.length === 1 ? 'recipe stays' : 'recipes stay'}, so that it can be downloaded again.`
              : 'No recipe loads it; it can be downloaded again by its name.'}{' '}
            Other models stay, and so do files that they share with it.
          </p>
          {why && (
            <p class="notice" role="alert">
              It can't be deleted now: {why}
            </p>
          )}
          <div class="answers">
            {!why && (
              <form method="post" action="/ui/models/delete">
                <input type="hidden" name="repo" value={model.repo} />
                <input type="hidden" name="hosts" value={places.map(([id]) => id).join(',')} />
                <button type="submit" class="danger">
                  Delete {model.name}
                </button>
              </form>
            )}
            <a class="button quiet" href="/ui/models">
              Do nothing
            </a>
          </div>
        </section>
      </main>
    ),
  })
}

function staysOn(id: string, elsewhere: Record<string, string>, data: PageData): string {
  const place = elsewhere[id]
  return place === undefined
    ? `It stays on ${hostTitle(id, data)}, which can't be reached now.`
    : `It stays on ${hostTitle(id, data)} in ${place}, which is not the cache of its login.`
}

function noneNow(ids: string[], elsewhere: Record<string, string>, data: PageData): string {
  const [id = ''] = ids
  const place = elsewhere[id]
  return place === undefined
    ? `${ids.map((each) => hostTitle(each, data)).join(' and ')} can't be reached`
    : `it lies in ${place} on ${hostTitle(id, data)}, which is not the cache of its login`
}
