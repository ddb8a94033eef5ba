import type { Html } from './html'

/** What may stand between two tags; null, undefined and booleans render nothing. */
export type Child = Html | string | number | boolean | null | undefined | readonly Child[]

type Value = string | number | boolean | null | undefined

/** Attributes of every element; no `style` and no handlers (`hx-on` fails when rendered): the policy forbids them. */
export interface Attributes {
  children?: Child
  id?: string
  class?: string | null
  title?: string | null
  lang?: string
  role?: string
  hidden?: boolean
  tabindex?: number
  [data: `data-${string}`]: Value
  [aria: `aria-${string}`]: Value
  [hx: `hx-${string}`]: Value
}

type With<Names extends string> = Attributes & { [Name in Names]?: Value }

/** The elements the pages use, each with its own attributes. */
export interface Elements {
  a: With<'href' | 'rel'>
  article: Attributes
  body: Attributes
  br: Attributes
  button: With<'type' | 'disabled' | 'name' | 'value'>
  code: Attributes
  dd: Attributes
  del: Attributes
  details: With<'open'>
  div: Attributes
  dl: Attributes
  dt: Attributes
  footer: Attributes
  form: With<'action' | 'method'>
  h1: Attributes
  h2: Attributes
  h3: Attributes
  head: Attributes
  header: Attributes
  html: Attributes
  'hx-partial': Attributes
  input: With<
    | 'type'
    | 'name'
    | 'value'
    | 'checked'
    | 'disabled'
    | 'required'
    | 'spellcheck'
    | 'autocomplete'
    | 'min'
    | 'max'
    | 'maxlength'
  >
  ins: Attributes
  label: With<'for'>
  li: Attributes
  link: With<'rel' | 'href' | 'type'>
  main: Attributes
  meta: With<'name' | 'content' | 'charset'>
  meter: With<'min' | 'max' | 'low' | 'high' | 'optimum' | 'value'>
  nav: Attributes
  ol: Attributes
  option: With<'value' | 'selected'>
  p: Attributes
  path: With<'d'>
  pre: Attributes
  progress: With<'max' | 'value'>
  rect: With<'x' | 'y' | 'width' | 'height'>
  script: With<'src'>
  section: Attributes
  select: With<'name' | 'required' | 'disabled'>
  span: Attributes
  strong: Attributes
  summary: Attributes
  svg: With<'viewBox' | 'width' | 'height' | 'focusable' | 'preserveAspectRatio'>
  table: Attributes
  tbody: Attributes
  td: Attributes
  textarea: With<'name' | 'rows' | 'required' | 'spellcheck' | 'autocomplete'>
  th: With<'scope'>
  thead: Attributes
  time: With<'datetime'>
  title: Attributes
  tr: Attributes
  ul: Attributes
}
