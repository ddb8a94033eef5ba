import { usualDemand } from './own-block'
import type { Recipe } from './recipe'

/** A runnable recipe for tests; `fields` say what matters to the test. */
export function sampleRecipe(fields: Partial<Recipe> = {}): Recipe {
  return {
    id: 'sample',
    name: 'Sample',
    description: '',
    repo: 'org/model',
    container: 'vllm-node',
    command: 'vllm serve org/model --port {port}',
    defaults: {},
    env: {},
    mods: [],
    soloOnly: false,
    clusterOnly: false,
    nodes: 1,
    capabilities: ['chat'],
    knownIssue: null,
    runtime: 'launch-cluster',
    docker: null,
    script: null,
    demand: usualDemand,
    revision: null,
    source: 'shipped',
    hash: '',
    trusted: true,
    text: '',
    file: 'recipes/sample.yaml',
    unrunnable: null,
    ...fields,
  }
}
