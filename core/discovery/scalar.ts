/** A value that YAML reads as this text: quoted unless it is plainly a word. */
export function scalar(text: string): string {
  return /^([A-Za-z_~/][A-Za-z0-9_./~-]*|\d+(\.\d+){3})$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|~)$/i.test(text)
    ? text
    : JSON.stringify(text)
}
