import { join } from 'node:path'
import { writeModel, writePlainModel } from './models/cache'
import { catalogue, type DemoModel } from './models/catalogue'
import { localModels } from './models/local'

export { catalogue, type DemoModel } from './models/catalogue'
export { type ModelFile, modelFiles } from './models/files'

/** The models that the demo's hosts hold from the start; `hosts` are indexes into the list of hosts, 0 is the head. */
export const demoModels: readonly DemoModel[] = catalogue.filter((model) => model.hosts.length > 0)

/**
 * Writes models into a hub directory (`…/huggingface/hub`); weights are sparse files of the true size. A model with `held`
 * is written as the cut-off download it is, unless it is asked for `whole`. Throws on a repo that the catalogue lacks.
 */
export function writeModels(hub: string, which: readonly string[], { whole = false } = {}): void {
  for (const repo of which) {
    const model = findModel(repo)
    if (!model) throw new Error(`${repo}: not in demo/models/catalogue.yaml; add it there`)
    writeModel(hub, model, whole || model.held === undefined ? {} : { held: model.held })
  }
}

/** Fills the home of a host with everything that it holds from the start; `index` is its place in the list of hosts. */
export function writeHeldModels(home: string, index: number): void {
  const hub = join(home, '.cache/huggingface/hub')
  const held = demoModels.filter(({ hosts }) => hosts.includes(index)).map(({ repo }) => repo)
  writeModels(hub, held)
  for (const model of catalogue) if (model.links?.includes(index)) writeModel(hub, model, { linksOnly: true })
  if (index === 0) for (const model of localModels) writePlainModel(join(home, 'models', model.repo), model)
}

/** The model of that name, upper and lower case alike as on the hub, or undefined. */
export function findModel(repo: string): DemoModel | undefined {
  return catalogue.find((model) => model.repo.toLowerCase() === repo.toLowerCase())
}
