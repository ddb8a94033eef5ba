import type { Host } from '../config/cluster'
import type { Requirement } from './launcher'

/** Docker answers the login. */
export function dockerAnswers({ id, user }: Host): Requirement {
  return {
    argv: ['docker', 'version', '--format', '{{.Server.Version}}'],
    problem: `docker on ${id} does not answer ${user}; add the user to the group docker, or start docker`,
  }
}

/** The image is there; what it prints is the image's content, equal wherever that is equal. */
export function imageThere(image: string, { id }: Host, remedy: string): Requirement {
  return {
    argv: ['docker', 'image', 'inspect', '--format', '{{json .RootFS.Layers}}', image],
    problem: `image ${image} is not on ${id}; ${remedy}`,
  }
}
