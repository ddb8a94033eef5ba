/** @jsxImportSource #jsx */
import type { Child } from './elements'
import { doctype, type Html } from './html'
import type { FrameData } from './page-data'

/** A complete page around its content; `data` is left out only where nothing of the cluster is known. */
export function layout(props: { title: string; data?: FrameData; path?: string; children: Child }): Html {
  const { title, data, path } = props
  const name = data?.name || 'Spark Control'
  return doctype(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{title === name ? name : `${title} · ${name}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={JSON.stringify(htmxConfig)} />
        {data && <meta name="spark-now" content={data.now} />}
        <link rel="stylesheet" href="/assets/app.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        {data?.demo && <p class="banner">This is a demo: simulated Sparks, nothing here is real.</p>}
        <p id="lost" class="banner lost" role="alert" hidden>
          The connection to Spark Control is lost, retrying. What you see is old.
        </p>
        <header class="top">
          <a class="brand" href="/">
            {name}
          </a>
          <nav aria-label="Pages">
            {pages.map((page) => (
              <a href={page.path} aria-current={page.path === path ? 'page' : null}>
                {page.title}
              </a>
            ))}
          </nav>
        </header>
        {props.children}
        <footer class="bottom">Spark Control {data?.version}</footer>
        {scripts}
      </body>
    </html>,
  )
}

// Not deferred: htmx would then begin before its extension has arrived, and the page would never connect.
const scripts = ['/vendor/htmx.min.js', '/vendor/ext/hx-sse.min.js', '/assets/app.js'].map((src) => (
  <script src={src} />
))

const pages = [
  { path: '/', title: 'Overview' },
  { path: '/ui/models', title: 'Models' },
  { path: '/ui/activity', title: 'Activity' },
  { path: '/ui/doctor', title: 'Doctor' },
  { path: '/ui/api', title: 'API' },
]

// A first connection that fails, and a long outage, must both heal within seconds. A reader's open details stay open.
const htmxConfig = {
  extensions: 'sse',
  sse: { reconnectMaxDelay: 3000, connectTimeout: 5000 },
  morphIgnore: ['data-htmx-powered', 'open'],
}
