/** @jsxImportSource #jsx */
import type { NeedView } from '../page-data'

/** The one click that may help with what needs a person. */
export function NeedAction({ label, path, fields }: NonNullable<NeedView['action']>) {
  return (
    <form method="post" action={path} hx-post={path} hx-swap="none" hx-disable="find button">
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class="quiet">
        {label}
      </button>
    </form>
  )
}
