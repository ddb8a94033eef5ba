/** @jsxImportSource #jsx */
import type { Recipe } from '../../core/models/recipe'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import type { Parts } from '../partial'
import { Commands, type HostCommand } from '../parts/commands'
import { Facts } from '../parts/facts'
import { FitDetails } from '../parts/fit-details'
import { Live } from '../parts/live'
import { lockPart } from '../parts/lock'
import { editPath, recipePath } from '../parts/model-path'
import { nextPart, type RecipeStanding } from '../parts/recipe-next'
import { RecipeRemoval } from '../parts/recipe-removal'

/** What the page of one recipe shows beside what every page has. */
export interface RecipeSubject extends RecipeStanding {
  /** Where it came from, for a person: `shipped with Spark Control`. */
  origin: string
  /** What would be run where, the start first; empty where it can't be told, and `untold` says why. */
  commands: HostCommand[]
  untold: string | null
  /** Its words and settings as text, for where the commands can't be told. */
  settings: string
  /** Where the recipe comes from that counts again once this own one is removed; null where there is none. */
  beneath: string | null
  /** Lines of a unified difference from that one to this, empty where they are the same. */
  difference: string[] | null
}

/** One recipe: what it is, where it came from, what it would run, whether it fits. */
export function recipePage(subject: RecipeSubject, data: PageData): Html {
  const { recipe, fit } = subject
  const parts = recipeParts(subject, data)
  return layout({
    title: recipe.name,
    data,
    children: (
      <Live path={`${recipePath(recipe.id)}/events`}>
        <h1>{recipe.name}</h1>
        {parts.lock}
        {about(subject)}
        {parts.next}
        {!recipe.trusted && trust(subject)}
        {recipe.trusted && (
          <section class="panel" aria-labelledby="commands-title">
            <h2 id="commands-title">What is run</h2>
            {run(subject)}
          </section>
        )}
        {fit && <FitDetails fit={fit} data={data} />}
        {recipe.source === 'own' && (
          <RecipeRemoval recipe={recipe} beneath={subject.beneath} difference={subject.difference} />
        )}
        <section class="panel" aria-labelledby="yaml-title">
          <h2 id="yaml-title">As written</h2>
          <p>
            <a href={editPath(recipe.id)}>Change it</a>: what you confirm becomes a recipe of yours.
          </p>
          <p class="small">{recipe.file}</p>
          <pre tabindex={0} role="group" aria-label="The recipe as written">
            {recipe.text}
          </pre>
        </section>
      </Live>
    ),
  })
}

/** The blocks of the page that change, by element id. */
export function recipeParts(subject: RecipeStanding, data: PageData): Parts {
  return { lock: lockPart(data), next: nextPart(subject, data) }
}

function about({ recipe, origin }: RecipeSubject) {
  return (
    <section class="panel broad" aria-label="About">
      {recipe.description && <p>{recipe.description}</p>}
      <Facts
        facts={[
          { label: 'Model', value: recipe.repo },
          { label: 'Recipe', value: recipe.id },
          { label: 'From', value: origin },
          { label: 'Hosts it takes', value: recipe.nodes },
          { label: 'Started by', value: startedBy[recipe.runtime] },
          ...(recipe.runtime === 'script' ? [] : [{ label: 'Image', value: recipe.container }]),
        ]}
      />
      {recipe.capabilities.length > 0 && (
        <p class="badges">
          {recipe.capabilities.map((capability) => (
            <span class="badge">{capability}</span>
          ))}
        </p>
      )}
      {recipe.knownIssue && <p class="trouble">Known issue: {recipe.knownIssue}</p>}
    </section>
  )
}

const startedBy: Record<Recipe['runtime'], string> = {
  'launch-cluster': 'launch-cluster.sh',
  docker: 'docker run',
  script: 'its own commands',
}

function run({ recipe, commands, untold, settings }: RecipeSubject) {
  if (commands.length > 0) return <Commands commands={commands} />
  if (recipe.unrunnable !== null) return <p>It can't be launched here: {recipe.unrunnable}.</p>
  return (
    <>
      <p>How it would be started can't be told here: {untold}. These words and settings are what it would run:</p>
      <pre tabindex={0} role="group" aria-label="Words and settings">
        <code>{settings}</code>
      </pre>
    </>
  )
}

function trust(subject: RecipeSubject) {
  const { recipe, origin } = subject
  return (
    <section class="panel" aria-labelledby="trust-title">
      <h2 id="trust-title">May its commands be run?</h2>
      <p>
        {recipe.source === 'own'
          ? 'This recipe was sent here by a program'
          : `This recipe came from elsewhere (${origin})`}
        , and nobody has accepted its commands as they are now. What it starts has the rights of the login on the Spark,
        and its container may read all that login may. Read what would be run before you accept it:
      </p>
      {run(subject)}
      {recipe.mods.length > 0 && (
        <p class="trouble">
          It also applies these patches inside the container: {recipe.mods.join(', ')}. They are scripts in the
          launcher's folder on the Spark.
        </p>
      )}
      {recipe.unrunnable === null && (
        <form method="post" action={`/ui/recipes/${recipe.id}/trust`}>
          <input type="hidden" name="hash" value={recipe.hash} />
          <button type="submit">Accept these commands</button>
        </form>
      )}
      <p class="small">If the recipe changes later so that something else would be run, you are asked again.</p>
    </section>
  )
}
