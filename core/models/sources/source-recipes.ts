import { plainText } from '../../cluster/plain-text'
import type { Finding } from '../../config/cluster'
import { parseDocument } from '../../config/document'
import { formatFinding } from '../../config/findings'
import type { Recipe } from '../recipe'
import { loadRecipe, looksLikeRecipe } from '../recipe-file'
import type { FolderReading } from './reading'
import type { Source } from './source'

const mostNotes = 20

/**
 * The recipes of a foreign folder. Two of one name in different folders are both kept, the deeper one as `<folder>-<name>`.
 * What is wrong there is no error of this house's files: the first 20 are told as notes, the rest are counted.
 */
export function sourceRecipes(
  source: Source,
  reading: Pick<FolderReading, 'files' | 'skipped' | 'problem'>,
): { recipes: Recipe[]; notes: Finding[] } {
  const recipes = new Map<string, Recipe>()
  const notes = reading.skipped.map(({ path, problem }) => note(`${source.name}/${path}`, `was left out: ${problem}`))
  const shallow = reading.files.toSorted((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1))
  for (const { path, text } of shallow) {
    const file = plainText(`${source.name}/${path}`)
    const { recipe, findings } = loadRecipe({ text, file, source: source.name })
    if (recipe) keep(path, recipe)
    else if (looksLikeRecipe(parseDocument(text, file).value)) notes.push(leftOut(file, findings))
  }
  if (reading.problem !== null && source.declared) notes.unshift(note(source.name, reading.problem, ''))
  return { recipes: [...recipes.values()], notes: few(notes, source.name) }

  function keep(path: string, recipe: Recipe) {
    if (!recipes.has(recipe.id)) return recipes.set(recipe.id, recipe)
    const id = `${folderOf(path)}-${recipe.id}`
    if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id) && !recipes.has(id)) recipes.set(id, { ...recipe, id })
    else
      notes.push(
        note(
          recipe.file,
          `was left out: another recipe of this source is called ${recipe.id}`,
          'its keeper can rename it',
        ),
      )
  }
}

const depth = (path: string) => path.split('/').length

const folderOf = (path: string) => path.split('/').at(-2)?.toLowerCase() ?? ''

function leftOut(file: string, findings: Finding[]): Finding {
  const [first] = findings.filter(({ severity }) => severity !== 'note')
  if (!first) return note(file, 'was left out')
  const { line, column } = first
  const words = formatFinding({ ...first, file: '', severity: 'error' }).replace(/^:\d+:\d+: /, '')
  return { ...note(file, `was left out: ${words}`, ''), line, column }
}

function few(notes: Finding[], name: string): Finding[] {
  const more = notes.length - mostNotes
  if (more <= 0) return notes
  return [
    ...notes.slice(0, mostNotes),
    note(name, `${more} more of its files were left out`, 'its keeper can mend them'),
  ]
}

function note(file: string, problem: string, remedy = 'its keeper can mend it'): Finding {
  return { file: plainText(file), line: 1, column: 1, path: '', problem, remedy, severity: 'note' }
}
