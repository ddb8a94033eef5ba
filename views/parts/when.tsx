/** @jsxImportSource #jsx */
import { age, lasting, moment } from '../format/age'

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
