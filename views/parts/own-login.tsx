/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import type { PageData } from '../page-data'
import { CopyLine } from './copy'
import { Trouble } from './trouble'

/** What keeps the service's own user from logging in, with the line that lets it; renders nothing where nothing does. */
export function OwnLogin(props: { service: ServiceView; data: PageData }) {
  const { service, data } = props
  const login = data.logins[service.id]
  if (!login || login.state === 'up' || login.state === 'unknown') return <></>
  return (
    <>
      <Trouble cause={login.cause} remedy={login.remedy} />
      {login.state === 'refused' && (
        <CopyLine id={`login-key-${service.id}`} text={login.line} label={`SSH key line for ${login.user}`} />
      )}
    </>
  )
}
