/** @jsxImportSource #jsx */
import { estimate } from '../format/duration'
import type { PageData, RecipeView } from '../page-data'
import { isRunning } from './job'
import { Ago } from './when'

/** The menu of models: what each can do, what it needs, and one button that swaps to it. */
export function recipesPart(data: PageData) {
  const closed = closedBy(data)
  return (
    <section id="recipes" class="panel" aria-labelledby="recipes-title">
      <h2 id="recipes-title">Models to swap to</h2>
      {closed && <p class="notice">{closed}</p>}
      {data.recipes.length ? menu(data.recipes, closed !== null) : empty}
    </section>
  )
}

const empty = <p>No recipes yet: put a recipe into recipes/, one YAML file a model.</p>

function menu(recipes: RecipeView[], closed: boolean) {
  return (
    <ul class="recipes">
      {recipes.map((recipe) => (
        <li id={`recipe-${recipe.id}`}>
          {about(recipe)}
          <div class="action">{action(recipe, closed)}</div>
        </li>
      ))}
    </ul>
  )
}

function about(recipe: RecipeView) {
  return (
    <div class="about">
      <h3>{recipe.name}</h3>
      <p class="small">{recipe.repo}</p>
      {recipe.description && <p>{recipe.description}</p>}
      <p class="badges">
        {recipe.loaded && <span class="badge strong">loaded</span>}
        {recipe.capabilities.map((capability) => (
          <span class="badge">{capability}</span>
        ))}
        <span class="badge">
          {recipe.nodes} {recipe.nodes === 1 ? 'host' : 'hosts'}
        </span>
        {recipe.eta_s !== null && <span class="small">loads in {estimate(recipe.eta_s)}</span>}
      </p>
      {!recipe.runnable && <p class="trouble">Cannot run here: {recipe.reason ?? 'the reason is not known'}</p>}
      {recipe.known_issue && <p class="trouble">Known issue: {recipe.known_issue}</p>}
    </div>
  )
}

function action(recipe: RecipeView, closed: boolean) {
  if (recipe.loaded) return <SwapForm recipe="" label={`Unload ${recipe.name}`} quiet disabled={closed} />
  return <SwapForm recipe={recipe.id} label={`Swap to ${recipe.name}`} disabled={closed || !recipe.runnable} />
}

function SwapForm(props: { recipe: string; label: string; disabled: boolean; quiet?: boolean }) {
  return (
    <form method="post" action="/ui/swap" hx-post="/ui/swap" hx-swap="none" hx-disable="find button">
      <input type="hidden" name="recipe" value={props.recipe} />
      <button type="submit" class={props.quiet ? 'quiet' : null} disabled={props.disabled}>
        {props.label}
      </button>
    </form>
  )
}

/** Why no swap can be started now, or null. */
function closedBy(data: PageData) {
  const { swap, lock } = data.cluster
  if (swap && isRunning(swap)) {
    const left = swap.eta_s === null ? '' : `, ${estimate(swap.eta_s)} left`
    return <>A swap is running{left}; another can start when it has ended.</>
  }
  if (!lock.holder) return null
  return (
    <>
      Locked by {lock.holder}
      {lock.reason && `: ${lock.reason}`}
      {lock.expires_at && (
        <>
          ; free again <Ago time={lock.expires_at} now={data.now} />
        </>
      )}
    </>
  )
}
