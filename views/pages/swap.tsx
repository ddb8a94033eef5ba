/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { isRunning, Log, Phases } from '../parts/job'
import { Live } from '../parts/live'
import { StateMark } from '../parts/state'
import { swapPart, swapTitle } from '../parts/swap'
import { Trouble } from '../parts/trouble'
import { Ago } from '../parts/when'

/** One swap from its start to its end: phases, cause of a failure, log. */
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
        <section class="panel" aria-label="What happened">
          <p>
            <StateMark state={job.state} />
          </p>
          <p class="small">
            Begun <Ago time={job.created_at} now={data.now} />
            {job.ended_at && (
              <>
                , ended <Ago time={job.ended_at} now={data.now} />
              </>
            )}
            {job.previous && `, before it: ${job.previous}`}. Job {job.id}
          </p>
          {job.error && <Trouble cause={job.error.message} remedy={job.error.remedy} />}
          <h2>Phases</h2>
          <Phases job={job} />
          <h2>Log</h2>
          <Log id="job-log" lines={job.log_tail} label="Log of the swap" />
        </section>
      </main>
    ),
  })
}
