/** @jsxImportSource #jsx */
import { age, clock, day, lasting, moment } from '../format/age'

/** A moment told by its age; the browser's script keeps the age true and the tooltip in the viewer's zone. */
export function Ago(props: { time: string; now: string }) {
  return (
    <time datetime={props.time} title={moment(props.time)} data-age>
      {age(props.time, props.now)}
    </time>
  )
}

/** How long something has been so, counted on by the browser's script. */
export function Lasting(props: { since: string; now: string }) {
  return (
    <time datetime={props.since} title={moment(props.since)} data-lasting>
      {lasting(props.since, props.now)}
    </time>
  )
}

/** A time of day in UTC; the browser's script tells it in the viewer's zone. */
export function Clock(props: { time: string }) {
  return (
    <time datetime={props.time} title={moment(props.time)} data-clock>
      {clock(props.time)}
    </time>
  )
}

/** A day in UTC, or in the viewer's zone by the browser's script. Of several in a row each day is told once. */
export function Day(props: { time: string; before?: string }) {
  const text = day(props.time)
  const told = props.before !== undefined && day(props.before) === text
  return (
    <time class={told ? 'told' : null} datetime={props.time} title={moment(props.time)} data-day>
      {text}
    </time>
  )
}
