import type { Route } from '../route'

/** The catalogue of what can be launched. */
export const recipeRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/recipes',
    tag: 'models',
    summary: 'The recipes this controller knows',
    handle: ({ runtime }) => ({
      recipes: runtime.recipes.map((recipe) => ({
        id: recipe.id,
        name: recipe.name,
        description: recipe.description,
        repo: recipe.repo,
        nodes: recipe.nodes,
        runtime: 'launch-cluster',
        capabilities: recipe.capabilities,
        source: recipe.source,
        trusted: true,
        runnable: recipe.unrunnable === null,
        reason: recipe.unrunnable,
        known_issue: recipe.knownIssue,
      })),
    }),
  },
]
