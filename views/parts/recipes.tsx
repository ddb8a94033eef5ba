/** @jsxImportSource #jsx */
import type { MenuModel } from '../../core/models/menu'
import type { PageData } from '../page-data'
import { closedBy } from './closed'
import { KnownIssue } from './known-issue'
import { couldMakeRoom, GoTo, ModelAction, SwapTo } from './model-action'
import { recipePath } from './model-path'
import { HostStates, ModelMarks, ModelName, whyNot } from './model-standing'
import { RunningTransfers } from './transfers'

/** The menu: what lies on the hosts' disks, what can be swapped to first, each with the one thing to do next. */
export function recipesPart(data: PageData) {
  const closed = closedBy(data)
  const { models } = data.menu
  const ready = models.filter((model) => isReady(model, data))
  const rest = models.filter((model) => !isReady(model, data))
  // The disk is looked at now and then: what has only begun to arrive has no card yet.
  const arriving = data.jobs.filter(({ kind, id }) => kind === 'model' && !models.some(({ job }) => job === id))
  return (
    <section id="recipes" class="panel" aria-labelledby="recipes-title">
      <h2 id="recipes-title">Models to swap to</h2>
      {closed && <p class="notice">{closed}</p>}
      {arriving.length > 0 && <RunningTransfers jobs={arriving} />}
      {models.length === 0 && nothing(data)}
      {ready.length > 0 && <ul class="recipes">{ready.map((model) => card(model, data, closed !== null))}</ul>}
      {rest.length > 0 && others(rest, data, closed !== null)}
      {models.length > 0 && (
        <p>
          <a href="/ui/models">All models, downloads and disks</a>
        </p>
      )}
    </section>
  )
}

const isReady = ({ loaded, reason, fit }: MenuModel, data: PageData) =>
  loaded || reason === null || couldMakeRoom(reason, fit, data)

function nothing({ disks }: PageData) {
  if (disks.length === 0) return <p>The hosts' disks have not been looked at yet.</p>
  return (
    <p>
      No model is on the disks yet: <a href="/ui/models">choose one to download</a>.
    </p>
  )
}

function card(model: MenuModel, data: PageData, closed: boolean) {
  const others = model.recipes.filter((id) => id !== model.recipe)
  return (
    <li id={`model-${model.repo}`}>
      <div class="about">
        <ModelName model={model} />
        {model.description && <p>{model.description}</p>}
        <ModelMarks model={model} data={data} />
        <HostStates model={model} data={data} />
        {!model.trusted && !model.needs_setup && (
          <p class="trouble">Its commands come from elsewhere: look at them before the first run.</p>
        )}
        <KnownIssue text={model.known_issue} href={model.recipe ? recipePath(model.recipe) : '/ui/models'} />
        {others.length > 0 && otherRecipes(others, data, closed)}
      </div>
      <div class="action">
        <ModelAction model={model} data={data} closed={closed} />
      </div>
    </li>
  )
}

function otherRecipes(ids: string[], data: PageData, closed: boolean) {
  const recipes = data.recipes.filter(({ id }) => ids.includes(id))
  return (
    <details>
      <summary>{recipes.length === 1 ? '1 other recipe' : `${recipes.length} other recipes`} for it</summary>
      <ul class="variants">
        {recipes.map((recipe) => (
          <li>
            <p>
              <a href={recipePath(recipe.id)}>{recipe.name}</a> <span class="small">{recipe.id}</span>
              {recipe.reason && <span class="small"> · {recipe.reason}</span>}
            </p>
            {recipe.trusted ? (
              <SwapTo
                recipe={recipe.id}
                label={`Swap to ${recipe.name} (${recipe.id})`}
                quiet
                disabled={closed || !recipe.runnable || recipe.loaded}
                data={data}
              />
            ) : (
              <GoTo href={recipePath(recipe.id)} label="Review" name={`${recipe.name} (${recipe.id})`} />
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}

const shownAtOnce = 4

/** What can't be swapped to now stands below, in few words; many of them only on demand, unless something goes on there. */
function others(models: MenuModel[], data: PageData, closed: boolean) {
  const list = (
    <ul class="recipes lesser">
      {models.map((model) => (
        <li id={`model-${model.repo}`}>
          <div class="about">
            <ModelName model={model} />
            <p class="small">{whyNot(model, data)}</p>
            <HostStates model={model} data={data} />
          </div>
          <div class="action">
            <ModelAction model={model} data={data} closed={closed} />
          </div>
        </li>
      ))}
    </ul>
  )
  if (models.length <= shownAtOnce || models.some(({ job }) => job !== null))
    return (
      <>
        <p class="group">Not now</p>
        {list}
      </>
    )
  return (
    <details>
      <summary>{models.length} more on the disks that can't be swapped to now</summary>
      {list}
    </details>
  )
}
