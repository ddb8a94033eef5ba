/** @jsxImportSource #jsx */
import type { HostView } from '../../core/cluster/snapshot'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'

/** The question before a new host key is trusted: both fingerprints, and how to compare. */
export function hostKeyPage(host: HostView, data: PageData): Html {
  const title = `Trust the new host key of ${host.title}?`
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <section class="panel" aria-labelledby="question">
          <h1 id="question">{title}</h1>
          {host.host_key ? question(host.host_key) : <p>Its key is the one that is trusted; nothing is to do.</p>}
          <div class="answers">
            {host.host_key && (
              <form method="post" action={`/ui/hosts/${host.id}/host-key`}>
                <input type="hidden" name="fingerprint" value={host.host_key.shown} />
                <button type="submit">Trust the new key of {host.title}</button>
              </form>
            )}
            <a class="button quiet" href={`/ui/hosts/${host.id}`}>
              Do nothing
            </a>
          </div>
        </section>
      </main>
    ),
  })
}

function question({ pinned, shown }: { pinned: string; shown: string }) {
  return (
    <>
      <p>
        A host key changes when a Spark is installed anew. If that did not happen, someone may stand between this
        controller and the Spark, and would read all that is sent. Compare on the Spark itself, with screen and
        keyboard:
      </p>
      <p>
        <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>
      </p>
      <dl>
        <dt>Trusted until now</dt>
        <dd>
          <code>{pinned}</code>
        </dd>
        <dt>Shown now</dt>
        <dd>
          <code>{shown}</code>
        </dd>
      </dl>
    </>
  )
}
