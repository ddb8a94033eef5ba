/** @jsxImportSource #jsx */
import type { Fit } from '../../core/models/memory/fit'
import type { MenuModel } from '../../core/models/menu'
import type { Recipe } from '../../core/models/recipe'
import { demandWords } from '../format/demand'
import type { PageData } from '../page-data'
import { closedBy } from './closed'
import { InUse } from './in-use'
import { couldMakeRoom, SwapTo } from './model-action'
import { SwapForm } from './swap-form'
import { DownloadForm } from './transfer'
import { Trouble } from './trouble'

/** How a recipe stands now. */
export interface RecipeStanding {
  recipe: Recipe
  fit: Fit | null
  /** Its weights on the disks; null where they are on none. */
  model: MenuModel | null
  loaded: boolean
}

/** What can be done next with a recipe whose commands may run; an empty block where they may not yet. */
export function nextPart({ recipe, loaded, model, fit }: RecipeStanding, data: PageData) {
  const tooLarge = fit?.fits === false ? fit.reason : null
  const reason = data.recipes.find(({ id }) => id === recipe.id)?.reason ?? tooLarge
  const room = couldMakeRoom(reason, fit, data)
  const closed = closedBy(data)
  const service = data.cluster.models.find((each) => each.recipe === recipe.id)?.service ?? null
  if (!recipe.trusted) return <section id="next" hidden />
  return (
    <section id="next" class="panel" aria-labelledby="next-title">
      <h2 id="next-title">{loaded ? 'It is loaded' : 'Load it'}</h2>
      {closed && <p class="notice">{closed}</p>}
      {!loaded && <Trouble cause={reason} remedy={null} />}
      <div class="answers">
        {loaded ? (
          <>
            <SwapForm
              recipe=""
              service={service}
              label={`Unload ${recipe.name}`}
              quiet
              leave
              disabled={closed !== null}
            />
            {service && closed === null && <InUse services={[service]} data={data} />}
          </>
        ) : (
          <SwapTo
            recipe={recipe.id}
            label={`Swap to ${recipe.name}`}
            leave
            disabled={closed !== null || (reason !== null && !room)}
            data={data}
          />
        )}
        {!model && <DownloadForm repo={recipe.repo} name={recipe.name} label="Download" leave />}
      </div>
      {room && !loaded && <p class="small">Other models would have to end first; you are asked which.</p>}
      {demandWords(recipe.demand).map((words) => (
        <p class="small">{words}</p>
      ))}
    </section>
  )
}
