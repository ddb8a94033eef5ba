/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { isRunning, Log, Phases } from '../parts/job'
import { Live } from '../parts/live'
import { lockPart } from '../parts/lock'
import { StateMark } from '../parts/state'
import { SwapEnd, swapPart } from '../parts/swap'
import { askedBy, ending, recipeName, swapTitle } from '../parts/swap-words'
import { Ago } from '../parts/when'

/** One swap from its start to its end: phases, cause of a failure, what runs since, log. */
export function swapPage(job: JobView, data: PageData): Html {
  const title = swapTitle(job, data)
  return layout({
    title,
    data,
    children: isRunning(job) ? (
      <Live>
        <h1>{title}</h1>
        {swapPart({ ...data, cluster: { ...data.cluster, swap: job } })}
      </Live>
    ) : (
      <main id="main" tabindex={-1}>
        <h1>{title}</h1>
        {lockPart(data)}
        {record(job, data)}
      </main>
    ),
  })
}

function record(job: JobView, data: PageData) {
  return (
    <section class="panel" aria-label="What happened">
      <p>
        <StateMark state={job.state} />
      </p>
      <p>{ending(job, data)}.</p>
      <SwapEnd job={job} data={data} />
      <p class="small">
        {askedBy(job)} Begun <Ago time={job.created_at} now={data.now} />
        {job.ended_at && (
          <>
            , ended <Ago time={job.ended_at} now={data.now} />
          </>
        )}
        {job.previous && `, before it: ${recipeName(job.previous, data)}`}. Job {job.id}
      </p>
      <h2>Phases</h2>
      <Phases job={job} usual={job.id === data.cluster.swap?.id ? data.usual : {}} />
      <h2>Log</h2>
      <Log id="job-log" lines={job.log_tail} label="Log of the swap" />
    </section>
  )
}
