/** @jsxImportSource #jsx */
import type { Recipe } from '../../core/models/recipe'
import type { PageData } from '../page-data'
import { KnownIssue } from './known-issue'
import { recipePath } from './model-path'
import { CancelTransfer, DownloadForm, TransferBar, transferTitle } from './transfer'

/** Where recipes come from, for a person. */
export interface SourceTitle {
  name: string
  title: string
  /** Why it can't be read; null where it can. */
  problem: string | null
  /** Files that were left out. */
  notes: string[]
}

/** Recipes whose weights are on no host, by model: yours and the shipped ones first, those of other places on demand. */
export function downloadsPart(sources: SourceTitle[], data: PageData) {
  const { downloads } = data.menu
  const near = downloads.filter(({ source }) => isNear(source))
  const far = Map.groupBy(
    downloads.filter(({ source }) => !isNear(source)),
    ({ source }) => source,
  )
  const troubled = sources.filter(({ problem }) => problem !== null)
  return (
    <section id="downloads" class="panel" aria-labelledby="downloads-title">
      <h2 id="downloads-title">Can be downloaded</h2>
      {downloads.length === 0 && <p>Every model that has a recipe is on a disk already.</p>}
      {near.length > 0 && list(near, data)}
      {[...far].map(([source, recipes]) => (
        <details>
          <summary>
            {titleOf(source, sources)}: {modelsOf(recipes).size} {modelsOf(recipes).size === 1 ? 'model' : 'models'}
          </summary>
          {list(recipes, data)}
        </details>
      ))}
      {sources
        .filter(({ notes }) => notes.length > 0)
        .map(({ title, notes }) => (
          <details>
            <summary>
              {title}: {notes.length} {notes.length === 1 ? 'file was' : 'files were'} left out
            </summary>
            {notes.map((note) => (
              <p class="small">{note}</p>
            ))}
          </details>
        ))}
      {troubled.map(({ title, problem }) => (
        <p class="trouble">
          {title}: {problem}
        </p>
      ))}
    </section>
  )
}

const isNear = (source: string) => source === 'own' || source === 'shipped'

const modelsOf = (recipes: Recipe[]) => Map.groupBy(recipes, ({ repo }) => repo)

function titleOf(source: string, sources: SourceTitle[]): string {
  return sources.find(({ name }) => name === source)?.title ?? source
}

function list(recipes: Recipe[], data: PageData) {
  return (
    <ul class="recipes">
      {[...modelsOf(recipes)].map(([repo, all]) => {
        const [first, ...others] = all
        return first && entry(repo, first, others, data)
      })}
    </ul>
  )
}

function entry(repo: string, recipe: Recipe, others: Recipe[], data: PageData) {
  const job = data.jobs.find((each) => each.repo === repo)
  return (
    <li id={`download-${recipe.source}-${repo}`}>
      <div class="about">
        <div class="heading">
          <h3>
            <a href={recipePath(recipe.id)}>{recipe.name}</a>
          </h3>
          <p class="small">{repo}</p>
        </div>
        {recipe.description && <p>{recipe.description}</p>}
        <p class="badges">
          {recipe.capabilities.map((capability) => (
            <span class="badge">{capability}</span>
          ))}
          <span class="badge">
            {recipe.nodes} {recipe.nodes === 1 ? 'host' : 'hosts'}
          </span>
          {recipe.source === 'own' && <span class="badge">yours</span>}
        </p>
        {recipe.unrunnable && <p class="trouble">Cannot run here: {recipe.unrunnable}</p>}
        <KnownIssue text={recipe.knownIssue} href={recipePath(recipe.id)} />
        {others.length > 0 && (
          <p class="small">
            Other recipes for it:{' '}
            {others.map(({ id, name }, index) => (
              <>
                {index > 0 && ', '}
                <a href={recipePath(id)}>{name === recipe.name ? id : name}</a>
              </>
            ))}
          </p>
        )}
      </div>
      <div class="action">
        {job ? (
          <>
            <TransferBar job={job} label={transferTitle(job)} />
            <CancelTransfer job={job} />
          </>
        ) : (
          <DownloadForm repo={repo} name={recipe.name} label="Download" quiet />
        )}
      </div>
    </li>
  )
}
