/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { HubModel } from '../../core/models/transfer/search-hub'
import { figure } from '../format/figure'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import type { Parts } from '../partial'
import { downloadsPart, type SourceTitle } from '../parts/downloads'
import { Live } from '../parts/live'
import { lockPart } from '../parts/lock'
import { onDiskPart } from '../parts/on-disk'
import { queuePart } from '../parts/queue'
import { DownloadForm } from '../parts/transfer'
import { transfersPart } from '../parts/transfers'

/** What the page of models shows beside what every page has. */
export interface ModelsSubject {
  /** Downloads, copies and deletes that have ended, the newest first. */
  ended: JobView[]
  /** The foreign places that recipes come from. */
  sources: SourceTitle[]
  /** The secret with the hub's token, and whether it has a value; null where none is declared. */
  token: { name: string; set: boolean } | null
}

/** What the hub answered to a search. */
export interface HubSearch {
  query: string
  results: Pick<HubModel, 'repo' | 'downloads' | 'gated'>[]
  /** Why there is no answer; null where there is one. */
  problem: string | null
}

/** Everything about models: on disk, on their way, and what could be fetched. */
export function modelsPage(subject: ModelsSubject, search: HubSearch | null, data: PageData): Html {
  const parts = modelsParts(subject, data)
  return layout({
    title: 'Models',
    data,
    path: '/ui/models',
    children: (
      <Live path="/ui/models/events">
        <h1>Models</h1>
        {parts.lock}
        {parts.queue}
        {parts.transfers}
        {byName()}
        {searchForm(search)}
        {parts['on-disk']}
        {parts.downloads}
        {tokenForm(subject.token)}
      </Live>
    ),
  })
}

/** The blocks of the page that change, by element id. */
export function modelsParts(subject: ModelsSubject, data: PageData): Parts {
  return {
    lock: lockPart(data),
    queue: queuePart(data),
    transfers: transfersPart(subject.ended, data),
    'on-disk': onDiskPart(data),
    downloads: downloadsPart(subject.sources, data),
  }
}

// Outside of what is sent live: a name that is being typed must not be taken away.
function byName() {
  return (
    <section class="panel" aria-labelledby="by-name-title">
      <h2 id="by-name-title">Download by name</h2>
      <form
        method="post"
        action="/ui/models/download"
        hx-post="/ui/models/download"
        hx-swap="none"
        hx-disable="find button"
        class="fields"
      >
        <label for="repo">Model on Hugging Face</label>
        <p class="small">
          Its name, as <code>Qwen/Qwen3-32B</code>, or the address of its page. A recipe for it is suggested once it is
          there.
        </p>
        <div class="line-up">
          <input id="repo" name="repo" type="text" required autocomplete="off" spellcheck="false" />
          <button type="submit">Download</button>
        </div>
      </form>
    </section>
  )
}

function searchForm(search: HubSearch | null) {
  if (!search) return <></>
  const { query, results, problem } = search
  return (
    <section class="panel" aria-labelledby="search-title">
      <h2 id="search-title">Search Hugging Face</h2>
      <form method="get" action="/ui/models#search-title" class="fields">
        <label for="query">Words of the model's name</label>
        <div class="line-up">
          <input id="query" name="q" type="search" value={query} autocomplete="off" spellcheck="false" />
          <button type="submit" class="quiet">
            Search
          </button>
        </div>
      </form>
      {problem && <p class="notice">{problem}</p>}
      {query !== '' && !problem && results.length === 0 && <p>Nothing of that name was found; try fewer letters.</p>}
      {results.length > 0 && (
        <ul class="recipes">
          {results.map(({ repo, downloads, gated }) => (
            <li>
              <div class="about">
                <h3>{repo}</h3>
                <p class="small">
                  {downloads !== null && figure(downloads, 'downloads')}
                  {gated && ' · its owner wants a licence accepted first, and a token'}
                </p>
              </div>
              <div class="action">
                <DownloadForm repo={repo} name={repo} label="Download" quiet />
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

// A whole new page is the answer: what was typed must not stay on the screen.
function tokenForm(token: ModelsSubject['token']) {
  if (!token) return <></>
  return (
    <section class="panel" aria-labelledby="token-title">
      <h2 id="token-title">Token of Hugging Face</h2>
      <form method="post" action="/ui/models/token" class="fields">
        <label for="token">{token.set ? 'A new token' : 'Token'}</label>
        <p class="small">
          Some models want a licence accepted by an account, and its token. It is kept on this controller as{' '}
          {token.name}, given to downloads alone, and never shown again. {token.set ? 'One is set.' : 'None is set.'}
        </p>
        <div class="line-up">
          <input id="token" name="token" type="password" required autocomplete="off" spellcheck="false" />
          <button type="submit" class="quiet">
            Keep it
          </button>
        </div>
      </form>
    </section>
  )
}
