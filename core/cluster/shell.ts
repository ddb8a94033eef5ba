const inert = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * Turns an argument list into one line for a POSIX shell: every element arrives as it is, whatever it holds.
 * The only place in this program that makes shell text.
 * @throws {TypeError} on an empty list, or on a NUL, which ssh can't carry (it ends the whole connection).
 */
export function shellText(argv: readonly string[]): string {
  if (argv.length === 0 || argv[0] === '') throw new TypeError('command: is empty; name a program')
  return argv.map(quote).join(' ')
}

function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('command: an argument holds a NUL; remove it')
  return inert.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
