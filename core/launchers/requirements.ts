import type { Host } from '../config/cluster'
import type { Recipe } from '../models/recipe'
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

const modScript = 'case $1 in *.zip) [ -f "$1" ] ;; *) [ -f "$1/run.sh" ] ;; esac'

/** The mod is there, as launch-cluster.sh takes one. */
export function modThere(mod: string, host: string, { id }: Recipe): Requirement {
  return {
    argv: ['sh', '-c', modScript, 'spark-control-mod', mod],
    problem: `${mod} is not on ${host}, and ${id} applies it; put it there, as a folder with run.sh or a .zip`,
  }
}
