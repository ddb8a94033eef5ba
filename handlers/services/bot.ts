import type { Probe } from '../../core/cluster/probe'
import type { Service } from '../../core/config/cluster'
import type { ServiceAction } from '../../core/services/action'
import { botUpdate } from '../../core/services/bot-update'
import { containerActions } from '../../core/services/container-actions'
import type { Kind } from '../kind'

interface Options {
  folder?: string
  branch?: string
  build?: string[]
  apply?: string[]
}

const argv = (description: string) => ({
  type: 'array',
  description,
  minItems: 1,
  maxItems: 100,
  items: { type: 'string', minLength: 1, maxLength: 1000, pattern: '^[^\\u0000-\\u001f\\u007f]*$' },
})

/** A container that is updated from git, by its own user. */
export const kind: Kind = {
  kind: 'bot',
  summary:
    'a container that is updated from git: logged in as its own `user` over its own connection, never with sudo; hidden while `user` is blank',
  // It may listen nowhere: then its container alone tells how it is.
  defaultPort: 0,
  ownUser: true,
  schema: {
    required: ['container'],
    properties: {
      folder: {
        type: 'string',
        description: 'Its git checkout on the Spark, which belongs to `user`.',
        default: '~/bot',
        maxLength: 512,
        pattern: '^(/|~/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]*$',
        patternErrorMessage: 'write an absolute path or one that begins with ~/, without ".."',
      },
      branch: {
        type: 'string',
        description: 'Branch of `origin` that it follows.',
        default: 'main',
        maxLength: 200,
        pattern: '^[A-Za-z0-9](?!.*(\\.\\.|//|\\.lock(/|$)))[A-Za-z0-9._/-]*$',
        patternErrorMessage: 'write the name of a branch, for example main',
      },
      build: argv('Program and arguments that build it, run in the folder: [docker, compose, build].'),
      apply: argv(
        'Program and arguments that put it into service, run in the folder; `docker restart` of its container when left out.',
      ),
    },
  },
  endpoints: () => [],
  probe,
  actions: (service) => [...containerActions(service), ...update(service)],
}

function update(service: Service): ServiceAction[] {
  if (service.container === null) return []
  const { folder = '~/bot', branch = 'main', build = null, apply = null } = service.options as Options
  return [botUpdate({ folder, branch, container: service.container, build, apply })]
}

/** Whatever it answers on its port, it works; without a port there is nothing to ask. */
function probe(service: Service): Probe {
  return async function look(ask) {
    if (service.port !== 0) await ask('/')
    return { state: 'up' }
  }
}
