const commands = (canary: string) => [
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `;touch ${canary};`,
  `|touch ${canary}`,
  `&touch ${canary}&`,
  `&&touch ${canary}`,
  `||touch ${canary}`,
  `>${canary}`,
  `>>${canary}`,
  `<(touch ${canary})`,
  `\${IFS}touch\${IFS}${canary}`,
  `$(IFS=_;x=touch_${canary};$x)`,
  `{touch,${canary}}`,
  `!touch ${canary}`,
  `\u037etouch ${canary}`,
  `\uff1btouch ${canary}`,
]

const inert = ['$HOME', '${HOME}', '$$', '~root', '*', '?', '[a-z]*', '{a,b}', '!!', '#', '\\', '%s%n', 'a b', '']

const disguises: ((text: string) => string)[] = [
  (text) => text,
  (text) => `x${text}`,
  (text) => `/${text}`,
  (text) => `~/${text}`,
  (text) => `'${text}'`,
  (text) => `"${text}"`,
  (text) => `'${text}`,
  (text) => `${text}'`,
  (text) => `"${text}`,
  (text) => `'"'"'${text}'"'"'`,
  (text) => `\\${text}`,
  (text) => `\\'${text}\\'`,
  (text) => `$'\\x27${text}'`,
  (text) => `\n${text}\n`,
  (text) => `x\r\n${text}`,
  (text) => `x\t${text}`,
  (text) => `\u2028${text}`,
  (text) => `\u202e${text}`,
  (text) => `\x1b]0;${text}\x07`,
  (text) => `\u00ff\u{1f680}${text}`,
  (text) => `-${text}`,
  (text) => `--${text}`,
  (text) => `--privileged=${text}`,
  (text) => `../../${text}`,
  (text) => `/../${text}`,
  (text) => `./${text}/..`,
  (text) => `%2e%2e%2f${text}`,
  (text) => `{{${text}}}`,
  (text) => `{port}${text}`,
  (text) => `__proto__${text}`,
]

/** Over 500 texts, always the same, that would create the file `canary` if any shell read them; none holds a NUL. */
export function hostileTexts(canary: string): string[] {
  const texts = [...commands(canary), ...inert].flatMap((text) => disguises.map((disguise) => disguise(text)))
  return [...new Set(texts)]
}

/** One argument as a recipe's command writes it. */
export function recipeWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`.replaceAll('{', '{{').replaceAll('}', '}}')
}
