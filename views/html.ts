/** HTML that is safe to send as it stands: only the JSX runtime, `doctype` and the page of our own guide make it. */
export class Html {
  readonly value: string

  constructor(value: string) {
    this.value = value
  }

  toString() {
    return this.value
  }
}

/** Turns any text into inert HTML: markup characters become entities, control and direction-changing characters go. */
export function escapeHtml(text: string): string {
  return unsafe.test(text) ? text.replace(unsafeAll, (character) => entities[character] ?? '') : text
}

/** A complete document around a rendered `<html>` element. */
export function doctype(document: Html): Html {
  return new Html(`<!doctype html>\n${document.value}`)
}

/** Returns the address if following it can only lead to a page, else null (`javascript:`, `data:`, …). */
export function safeUrl(url: string): string | null {
  // Browsers ignore blanks and control characters inside a scheme.
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url.replace(blanks, ''))?.[1]
  return !scheme || /^(https?|mailto)$/i.test(scheme) ? url : null
}

// C0 without tab and line feed, DEL, C1, line separators and the characters that reorder text.
const control = '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff'
const unsafe = new RegExp(`[&<>"'\`${control}]`)
const unsafeAll = new RegExp(`[&<>"'\`${control}]`, 'gu')
const blanks = new RegExp(`[\\s${control}]`, 'gu')

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '\r': '\n',
}
