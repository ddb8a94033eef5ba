/** @jsxImportSource #jsx */
import type { Suggestion } from '../../core/models/inference/suggest'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { Problems } from '../parts/problems'
import { Table } from '../parts/table'

/** What is edited: a recipe as it stands, or what was sent and could not be used, with the reasons; nothing that was typed is lost. */
export interface RefusedSetup {
  id: string
  yaml: string
  /** The hash of the recipe that confirming would replace; empty where there is none. */
  replaces: string
  problems: string[]
}

/** The recipe that would be made for a model without one, to be read, changed and confirmed once; null where its files can't be seen now. */
export function setupPage(
  repo: string,
  suggestion: Suggestion | null,
  refused: RefusedSetup | null,
  data: PageData,
): Html {
  const title = suggestion ? `Set up ${suggestion.name}` : `Recipe for ${repo}`
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <h1>{title}</h1>
        {suggestion && about(repo, suggestion)}
        {form(repo, suggestion, refused)}
        {suggestion && reasons(suggestion)}
      </main>
    ),
  })
}

function about(repo: string, suggestion: Suggestion) {
  return (
    <section class="panel" aria-labelledby="suggested-title">
      <h2 id="suggested-title">Suggested</h2>
      <p>
        {repo} has no recipe yet. From its files this one was made: for {suggestion.nodes}{' '}
        {suggestion.nodes === 1 ? 'host' : 'hosts'}, with the image <code>{suggestion.image}</code>.{' '}
        {certainty[suggestion.confidence]}
      </p>
      {suggestion.problems.length > 0 && (
        <div class="trouble">
          {suggestion.problems.map((problem) => (
            <p>{problem}</p>
          ))}
        </div>
      )}
      {suggestion.capabilities.length > 0 && (
        <p class="badges">
          {suggestion.capabilities.map((capability) => (
            <span class="badge">{capability}</span>
          ))}
        </p>
      )}
    </section>
  )
}

const certainty: Record<Suggestion['confidence'], string> = {
  sure: 'It is known to run so.',
  likely: 'Models of its kind usually run so.',
  guess: 'This is a guess: look at it closely.',
}

const sureness: Record<Suggestion['confidence'], string> = { sure: 'sure', likely: 'likely', guess: 'a guess' }

function form(repo: string, suggestion: Suggestion | null, refused: RefusedSetup | null) {
  const text = refused?.yaml ?? suggestion?.yaml ?? ''
  return (
    <section class="panel" aria-labelledby="confirm-title">
      <h2 id="confirm-title">Read it and confirm</h2>
      {refused && refused.problems.length > 0 && (
        <div id="setup-problems" class="notice bad" role="alert">
          <p>This can't be used yet:</p>
          <Problems lines={refused.problems} />
        </div>
      )}
      <form method="post" action="/ui/models/setup" class="fields">
        <input type="hidden" name="repo" value={repo} />
        {refused && refused.replaces !== '' && <input type="hidden" name="replaces" value={refused.replaces} />}
        <label for="id">Short name of the recipe</label>
        <p class="small">Apps may name the model so. Lower-case letters, digits, dots, dashes and underscores.</p>
        <input
          id="id"
          name="id"
          type="text"
          value={refused?.id ?? suggestion?.recipeId}
          required
          autocomplete="off"
          spellcheck="false"
        />
        <label for="yaml">Recipe</label>
        <textarea
          id="yaml"
          name="yaml"
          class="code"
          rows={Math.min(40, text.split('\n').length + 1)}
          required
          spellcheck="false"
          autocomplete="off"
          aria-describedby={refused && refused.problems.length > 0 ? 'setup-problems' : null}
        >
          {text}
        </textarea>
        <p class="small">Confirming accepts the commands as they stand here. Nothing is started yet.</p>
        <p>
          <button type="submit">Confirm this recipe</button>
        </p>
      </form>
    </section>
  )
}

function reasons({ flags }: Suggestion) {
  return (
    <section class="panel" aria-labelledby="reasons-title">
      <h2 id="reasons-title">Why each setting</h2>
      <Table
        label="Settings with their reasons"
        head={['Setting', 'Value', 'Why', 'How sure', 'Source']}
        rows={flags.map(({ flag, value, reason, confidence, source }) => [
          <code>{flag}</code>,
          value === null ? 'left out' : value === true ? 'on' : <code>{value}</code>,
          reason,
          sureness[confidence],
          source,
        ])}
      />
    </section>
  )
}
