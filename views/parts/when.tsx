import { age, moment } from '../format/age'

/** A moment told by its age; the browser's script keeps the age true and the tooltip in the viewer's zone. */
export function Ago(props: { time: string; now: string }) {
  return (
    <time datetime={props.time} title={moment(props.time)} data-age>
      {age(props.time, props.now)}
    </time>
  )
}
