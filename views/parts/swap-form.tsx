/** @jsxImportSource #jsx */
/** The one button that swaps to a recipe; an empty one unloads. With `leave` the answer is the overview, where the swap is seen. */
export function SwapForm(props: {
  recipe: string
  label: string
  disabled: boolean
  quiet?: boolean
  leave?: boolean
}) {
  const byHtmx = props.leave ? {} : { 'hx-post': '/ui/swap', 'hx-swap': 'none', 'hx-disable': 'find button' }
  return (
    <form method="post" action="/ui/swap" {...byHtmx}>
      <input type="hidden" name="recipe" value={props.recipe} />
      <button type="submit" class={props.quiet ? 'quiet' : null} disabled={props.disabled}>
        {props.label}
      </button>
    </form>
  )
}
