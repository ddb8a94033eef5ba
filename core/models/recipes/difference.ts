/** More comparisons than this are not made: then everything between the first and the last difference counts as new. */
const mostComparisons = 4_000_000
const context = 3

type Edit = { sign: ' ' | '-' | '+'; line: string }

/** What changed between two texts as the lines of a unified diff (`@@ -1,3 +1,4 @@`, then ` `, `-`, `+`); empty where they are the same. */
export function difference(before: string, after: string): string[] {
  const all = edits(linesOf(before), linesOf(after))
  const near = all.map((_, index) =>
    all.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== ' '),
  )
  const out: string[] = []
  let from = 1
  let to = 1
  for (const [index, { sign, line }] of all.entries()) {
    if (near[index]) {
      if (!near[index - 1]) out.push(heading(all, near, index, from, to))
      out.push(`${sign}${line}`)
    }
    if (sign !== '+') from++
    if (sign !== '-') to++
  }
  return out
}

function heading(all: readonly Edit[], near: readonly boolean[], start: number, from: number, to: number): string {
  const end = near.indexOf(false, start)
  const hunk = all.slice(start, end === -1 ? undefined : end)
  const count = (other: string) => hunk.filter(({ sign }) => sign !== other).length
  const place = (line: number, lines: number) => `${lines === 0 ? line - 1 : line},${lines}`
  return `@@ -${place(from, count('+'))} +${place(to, count('-'))} @@`
}

/** A last line counts the same with and without its line break. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function edits(before: readonly string[], after: readonly string[]): Edit[] {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ sign: ' ', line }))
  return [
    ...same(before.slice(0, head)),
    ...between(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ]
}

/** By the longest common subsequence. */
function between(before: readonly string[], after: readonly string[]): Edit[] {
  const gone = (lines: readonly string[]): Edit[] => lines.map((line) => ({ sign: '-', line }))
  const come = (lines: readonly string[]): Edit[] => lines.map((line) => ({ sign: '+', line }))
  if (before.length * after.length > mostComparisons) return [...gone(before), ...come(after)]
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const out: Edit[] = []
  let [i, j] = [0, 0]
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      out.push({ sign: ' ', line: before[i++] ?? '' })
      j++
    } else if (at(i + 1, j) >= at(i, j + 1)) out.push({ sign: '-', line: before[i++] ?? '' })
    else out.push({ sign: '+', line: after[j++] ?? '' })
  }
  return [...out, ...gone(before.slice(i)), ...come(after.slice(j))]
}
