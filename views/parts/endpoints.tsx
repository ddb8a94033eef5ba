/** @jsxImportSource #jsx */
import type { EndpointView } from '../page-data'
import { CopyLine } from './copy'

/** Endpoints with what they do and a command for each; `prefix` keeps ids apart on one page. */
export function Endpoints(props: { endpoints: EndpointView[]; prefix: string }) {
  if (!props.endpoints.length) return <p>No endpoints.</p>
  return (
    <ul class="endpoints">
      {props.endpoints.map((endpoint, index) => (
        <li>
          <h3>
            <span class="method">{endpoint.method}</span> <code>{endpoint.path}</code>
          </h3>
          <p>{endpoint.summary}</p>
          <CopyLine
            id={`${props.prefix}-${index}`}
            text={endpoint.curl}
            label={`curl for ${endpoint.method} ${endpoint.path}`}
          />
        </li>
      ))}
    </ul>
  )
}
