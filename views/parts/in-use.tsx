/** @jsxImportSource #jsx */
import type { PageData } from '../page-data'

/** Beside a button that ends a model: how many requests run there now and what becomes of them; nothing where none do. */
export function InUse(props: { services: string[]; data: PageData }) {
  const { services, data } = props
  const busy = services.flatMap((id) => {
    const count = data.requests[id] ?? 0
    return count > 0 ? [{ id, count }] : []
  })
  if (busy.length === 0) return <></>
  const where = (id: string) => (data.slots.length > 1 ? ` on ${titleOf(id, data)}` : '')
  const parts = busy.map(
    ({ id, count }) => `${count} ${count === 1 ? 'request is' : 'requests are'} running${where(id)}`,
  )
  const one = busy.length === 1 && busy[0]?.count === 1
  return (
    <p class="small">
      {parts.join(', ')}; {one ? 'it has' : 'they have'} {data.drain_s} s to finish.
    </p>
  )
}

function titleOf(id: string, { slots }: PageData): string {
  return slots.find((slot) => slot.id === id)?.title ?? id
}
