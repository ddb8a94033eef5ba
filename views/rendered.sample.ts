import type { Html } from './html'

/** One element as a browser would find it. */
export interface Rendered {
  tag: string
  attributes: Record<string, string>
}

/** Every element of rendered HTML, parsed back, for the tests of the pages. */
export function elementsOf(html: Html | string): Rendered[] {
  const found: Rendered[] = []
  const rewriter = new HTMLRewriter().on('*', {
    element(element) {
      found.push({ tag: element.tagName, attributes: Object.fromEntries(element.attributes) })
    },
  })
  rewriter.transform(String(html))
  return found
}

/** Strings that run a script in a page that does not escape them. */
export const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '` onfocus=alert(1) autofocus x=`',
  '</pre><svg onload=alert(1)>',
  '<hx-partial hx-target="body"><b>x</b></hx-partial>',
  '" hx-on:click="alert(1)" data-hx-get="/x" x="',
  '<!--<a href="javascript:alert(1)">--><title></title><head><base href="//192.0.2.1">',
  '\u0000\u001b]0;x\u0007\u202e<b onclick=alert(1)>\r\ndata: <i>',
  '&lt;img src=x onerror=alert(1)&gt;&#x3C;script&#x3E;',
]
