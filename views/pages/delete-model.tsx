/** @jsxImportSource #jsx */
import type { MenuModel } from '../../core/models/menu'
import { bytes } from '../format/bytes'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { hostTitle } from '../parts/model-standing'

/** The question before a model is deleted. @param refusal why it can't be deleted now; null where it can */
export function deleteModelPage(model: MenuModel, refusal: string | null, data: PageData): Html {
  const places = Object.entries(model.hosts).filter(([, { bytes, state }]) => bytes > 0 || state !== 'missing')
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
          <p>
            {names.length > 0
              ? `Its ${names.length === 1 ? 'recipe stays' : 'recipes stay'}, so that it can be downloaded again.`
              : 'No recipe loads it; it can be downloaded again by its name.'}{' '}
            Other models stay, and so do files that they share with it.
          </p>
          {refusal && (
            <p class="notice" role="alert">
              It can't be deleted now: {refusal}
            </p>
          )}
          <div class="answers">
            {!refusal && (
              <form method="post" action="/ui/models/delete">
                <input type="hidden" name="repo" value={model.repo} />
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
