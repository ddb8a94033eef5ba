/** @jsxImportSource #jsx */
import { estimate } from '../format/duration'
import type { PageData } from '../page-data'
import { isRunning } from './job'
import { Ago } from './when'

/** Why no swap can be started now, or null. */
export function closedBy(data: PageData) {
  const { swap, lock } = data.cluster
  if (swap && isRunning(swap)) {
    const left = swap.eta_s === null ? '' : `, ${estimate(swap.eta_s)} left`
    return <>A swap is running{left}; another can start when it has ended.</>
  }
  if (lock.holder === null) return null
  return (
    <>
      Swaps are paused: {lock.holder} holds the lock
      {lock.expires_at && (
        <>
          {' '}
          and it ends <Ago time={lock.expires_at} now={data.now} />
        </>
      )}
      .
    </>
  )
}
