/** @jsxImportSource #jsx */
import type { Recipe } from '../../core/models/recipe'
import { Difference } from './difference'

interface RemovedRecipe {
  recipe: Recipe
  /** Where the recipe comes from that counts again then; null where there is none. */
  beneath: string | null
  /** Lines of a unified difference from that one to this; null where there is none. */
  difference: string[] | null
}

/** The way to be rid of an own recipe, with what it changes of the one beneath it. */
export function RecipeRemoval({ recipe, beneath, difference }: RemovedRecipe) {
  const { title, other, summary, told, button } = words(recipe, beneath)
  return (
    <section class="panel" aria-labelledby="difference-title">
      <h2 id="difference-title">{title}</h2>
      {difference?.length === 0 && <p>This one and {other} are the same text.</p>}
      {difference && difference.length > 0 && (
        <>
          <p class="small">Lines with - are from {other}, lines with + are from this one.</p>
          <Difference label={title} lines={difference} />
        </>
      )}
      <details>
        <summary>{summary}</summary>
        <p>{told} What runs now goes on.</p>
        <form method="post" action={`/ui/recipes/${recipe.id}/${beneath === null ? 'remove' : 'back'}`}>
          <button type="submit" class="quiet">
            {button}
          </button>
        </form>
      </details>
    </section>
  )
}

function words({ id }: Recipe, beneath: string | null) {
  if (beneath === null)
    return {
      title: 'Remove it',
      other: '',
      summary: 'Remove this recipe…',
      told: `Your recipe ${id} is removed for good, and there is no other of its name. The weights stay.`,
      button: 'Remove this recipe',
    }
  if (beneath === 'own')
    return {
      title: 'This one against the one you accepted',
      other: 'the one you accepted',
      summary: 'Discard this one…',
      told: `This ${id} is removed for good, and the one you accepted counts again.`,
      button: 'Discard this one, keep the one I accepted',
    }
  const other = beneath === 'shipped' ? 'the shipped one' : `the one from ${beneath}`
  return {
    title: `Yours against ${other}`,
    other,
    summary: beneath === 'shipped' ? 'Back to shipped…' : `Back to ${other}…`,
    told: `Your recipe ${id} is removed for good, and ${other} counts again.`,
    button: `Remove mine, take ${other}`,
  }
}
