/** @jsxImportSource #jsx */
import type { PageData } from '../page-data'

interface SwapFormProps {
  /** An empty one unloads. */
  recipe: string
  label: string
  disabled: boolean
  quiet?: boolean
  /** The answer is the overview, where the swap is seen. */
  leave?: boolean
  /** The service it goes into; left out: the default. */
  service?: string | null
  /** Where there is a choice, the services it could go into. */
  into?: PageData['slots']
  /** Done also where it looks as if nothing had to be done. */
  again?: boolean
}

/** The one button that swaps to a recipe or unloads. */
export function SwapForm({ recipe, label, disabled, quiet, leave, service, into = [], again }: SwapFormProps) {
  const byHtmx = leave ? {} : { 'hx-post': '/ui/swap', 'hx-swap': 'none', 'hx-disable': 'find button' }
  return (
    <form method="post" action="/ui/swap" class={into.length > 1 ? 'choice' : null} {...byHtmx}>
      <input type="hidden" name="recipe" value={recipe} />
      {service && <input type="hidden" name="service" value={service} />}
      {again && <input type="hidden" name="again" value="true" />}
      {into.length > 1 && (
        <select name="service" aria-label={`Where: ${label}`} disabled={disabled}>
          {into.map(({ id, title }) => (
            <option value={id}>into {title}</option>
          ))}
        </select>
      )}
      <button type="submit" class={quiet ? 'quiet' : null} disabled={disabled}>
        {label}
      </button>
    </form>
  )
}
