/** @jsxImportSource #jsx */
import type { LookView } from '../../core/discovery/look-view'
import type { Html } from '../html'
import { CopyLine } from './copy'
import { Problems } from './problems'
import { FoundSpark, WaitingSpark } from './spark-look'

/** What was typed into a form that could not be taken as it was, and why. */
export interface Refused {
  /** The form with the addresses, or the text of the configuration. */
  form: 'addresses' | 'config'
  problems: string[]
  addresses?: string
  user?: string
  config?: string
}

/** The steps that follow the addresses; the page asks for them again by itself while a Spark has not let us in. */
export function lookPart(look: LookView, refused: Refused | null = null): Html {
  const waiting = look.config === null
  const poll = waiting ? { 'hx-get': '/ui/discover', 'hx-trigger': 'every 2s', 'hx-swap': 'outerMorph' } : {}
  return (
    <div id="look" class="report" {...poll}>
      {waiting ? letIn(look) : [whatWasFound(look), acceptance(look, refused)]}
      <form method="post" action="/ui/discover/forget">
        <button type="submit" class="quiet">
          Start over with other addresses
        </button>
      </form>
    </div>
  )
}

function letIn(look: LookView): Html {
  const missing = look.hosts.filter(({ state }) => state !== 'found')
  const some = missing.length < look.hosts.length
  return (
    <section class="panel" aria-labelledby="key-title">
      <h2 id="key-title">2. Let Spark Control in</h2>
      <p>
        {missing.some(({ state }) => state === 'refused')
          ? 'Run this line on each Spark that asks for it, logged in as that user. Nothing else is needed: this page goes on by itself.'
          : 'Every Spark is being looked at. This page goes on by itself.'}
      </p>
      {missing.some(({ state }) => state === 'refused') && (
        <CopyLine id="key-line" text={look.line} label="SSH key line" />
      )}
      <ul class="sparks">
        {look.hosts.map((spark) => (
          <WaitingSpark spark={spark} />
        ))}
      </ul>
      {some && (
        <form method="post" action="/ui/discover/drop">
          <button type="submit" class="quiet">
            Go on without {missing.map(({ address }) => address).join(', ')}
          </button>
        </form>
      )}
      <p class="small">
        Nothing happens? <a href="/">Look again</a>.
      </p>
    </section>
  )
}

function whatWasFound({ hosts, remarks }: LookView): Html {
  return (
    <section class="panel" aria-labelledby="found-title">
      <h2 id="found-title">What was found</h2>
      <ul class="sparks">
        {hosts.map((spark) => (
          <FoundSpark spark={spark} />
        ))}
      </ul>
      {remarks.map((remark) => (
        <p class="small">Note: {remark}.</p>
      ))}
    </section>
  )
}

function acceptance({ config }: LookView, refused: Refused | null): Html {
  const wrong = refused?.form === 'config' ? refused : null
  const text = wrong?.config ?? config ?? ''
  return (
    <section class="panel" aria-labelledby="accept-title">
      <h2 id="accept-title">3. Accept the configuration</h2>
      <p>
        This becomes <code>spark.config.yaml</code>. Change what you like, now or later: it is a plain file.
      </p>
      {wrong && (
        <div class="notice bad" role="alert">
          <p>This can not be used yet:</p>
          <Problems lines={wrong.problems} />
        </div>
      )}
      <form method="post" action="/ui/discover/accept" class="fields">
        <label for="config">Configuration</label>
        <textarea
          id="config"
          name="config"
          class="code"
          rows={Math.min(40, text.split('\n').length + 1)}
          required
          spellcheck="false"
          autocomplete="off"
        >
          {text}
        </textarea>
        <p>
          <button type="submit">Accept</button>
        </p>
      </form>
    </section>
  )
}
