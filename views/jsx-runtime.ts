// Every .tsx names this module in its first line: Bun takes tsconfig.json from the folder it is started in, not from the file's own.
import type { Child, Elements } from './elements'
import { escapeHtml, Html, safeUrl } from './html'

export namespace JSX {
  export type Element = Html
  export interface ElementChildrenAttribute {
    children: unknown
  }
  export interface IntrinsicElements extends Elements {}
}

type Props = Record<string, unknown> & { children?: Child }
type Component = (props: Props) => Html

/** Renders one element or component; children and attribute values are escaped, `Html` is taken as it is. */
export function jsx(tag: string | Component, props: Props): Html {
  if (typeof tag === 'function') return tag(props)
  let open = `<${tag}`
  for (const name in props) if (name !== 'children') open += attribute(name, props[name])
  return new Html(empty.has(tag) ? `${open}>` : `${open}>${render(props.children)}</${tag}>`)
}

export const jsxs = jsx

/** Several elements side by side without one around them. */
export function Fragment(props: { children?: Child }): Html {
  return new Html(render(props.children))
}

function render(child: Child): string {
  if (child === null || child === undefined || typeof child === 'boolean') return ''
  if (child instanceof Html) return child.value
  if (typeof child === 'object') return child.map(render).join('')
  return escapeHtml(String(child))
}

function attribute(name: string, value: unknown): string {
  if (!allowedName.test(name)) throw new TypeError(`${name}: this attribute cannot be rendered; use a class or data-*`)
  if (value === null || value === undefined) return ''
  const stated = /^(aria|data)-/.test(name)
  if (value === true && !stated) return ` ${name}`
  if (value === false && !stated) return ''
  const text = urls.has(name) ? safeUrl(String(value)) : String(value)
  return text === null ? '' : ` ${name}="${escapeHtml(text)}"`
}

// The policy of the pages forbids style= and every kind of inline handler, so such a name is a mistake.
const allowedName = /^(?!on|style$|srcdoc$|(?:data-)?hx-on)[a-z][a-zA-Z0-9:._-]*$/
const urls = new Set(['href', 'src', 'action', 'hx-get', 'hx-post', 'hx-put', 'hx-delete', 'hx-sse:connect'])
const empty = new Set(['br', 'input', 'link', 'meta'])
