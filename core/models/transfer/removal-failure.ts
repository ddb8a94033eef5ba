import type { Host } from '../../config/cluster'
import { type JobFailure, jobFailure } from '../../jobs/job-failure'

/**
 * What a person is told when a model could not be removed. Containers run as root and write into the cache as root.
 * @param word what the program on the Spark said: `link`, `left`, `full` or `closed`
 * @param what the path inside the hub directory, after which a reason may follow: `models--org--name: Permission denied`
 */
export function removalFailure(
  { id, user }: Pick<Host, 'id' | 'user'>,
  hub: string,
  word: string,
  what: string,
): JobFailure {
  const path = `'${hub}/${what.split(': ')[0]}'`
  if (word === 'link')
    return jobFailure('trash_is_link', `${path} on ${id} is a link, so nothing is moved through it`, 'remove that link')
  if (word === 'left')
    return jobFailure(
      'not_removed',
      `the model is out of the cache of ${id}, but files of another user (root, by a container) could not be removed`,
      `on ${id}: sudo rm -rf ${path}`,
    )
  if (word === 'full')
    return jobFailure(
      'disk_full',
      `the disk of ${id} is so full that not even a folder can be made in ${hub} (${what})`,
      `on ${id}: remove any file that is not needed, a few kB are enough, then delete again`,
    )
  if (word === 'closed')
    return jobFailure(
      'not_owned',
      `${user} may not move ${what} in ${hub} on ${id}`,
      `on ${id}: sudo chown -R ${user}: ${path}, then delete again`,
    )
  return jobFailure(
    'remove_failed',
    `the model could not be removed on ${id}: ${what || 'it did not say why'}`,
    'look at its cache there, then delete again',
  )
}
