/** JSON Schema of text that a person reads as one line. */
export function oneLine(maxLength: number) {
  return {
    type: 'string',
    minLength: 1,
    maxLength,
    pattern: '^[^\\p{Cc}\\p{Zl}\\p{Zp}]*[^\\p{C}\\p{Z}][^\\p{Cc}\\p{Zl}\\p{Zp}]*$',
  }
}
