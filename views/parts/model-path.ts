/** Where the page of a recipe is. */
export const recipePath = (id: string) => `/ui/recipes/${encodeURIComponent(id)}`
/** Where its text can be changed. */
export const editPath = (id: string) => `${recipePath(id)}/edit`
/** Where a model without a recipe gets one. */
export const setupPath = (repo: string) => `/ui/models/setup?repo=${encodeURIComponent(repo)}`
/** Where it is asked whether a model shall be deleted. */
export const deletePath = (repo: string) => `/ui/models/delete?repo=${encodeURIComponent(repo)}`
