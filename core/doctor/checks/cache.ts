import { right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

const gib = 1024 * 1024

/** Where models lie, whether they can be written there, what downloads them, and how much room is left. */
export function cacheChecks(examined: Examined): Verdict[] {
  return [downloader(examined), ...hub(examined), ...disk(examined)]
}

// Non-interactive shells lack ~/.local/bin; every command of ours adds it.
function downloader({ answers }: Examined): Verdict {
  switch (answers.get('uvx')) {
    case 'ok':
      return right('uvx', 'uvx is installed')
    case 'path':
      return right('uvx', 'uvx is installed, outside the PATH of remote commands, where Spark Control finds it')
    default:
      return wrong(
        'uvx',
        'uvx is not installed, so models cannot be downloaded',
        'run there',
        'curl -LsSf https://astral.sh/uv/install.sh | sh',
      )
  }
}

function hub({ answers, host }: Examined): Verdict[] {
  const at = answers.get('hub')
  const user = answers.get('user')
  const launches = answers.get('hub-launcher')
  const count = Number(answers.get('hub-models'))
  const state = answers.get('hub-state')
  const elsewhere = answers.all('hub-elsewhere')
  const found: Verdict[] = []
  if (state === 'closed')
    found.push(
      wrong(
        'cache-rights',
        `${user} may not write to the model cache at ${at}`,
        'run there',
        `sudo chown -R ${user}: ${at}`,
      ),
    )
  else if (answers.get('hub-foreign') !== '')
    // Containers run as root, so what they download belongs to root.
    found.push(
      wrong(
        'cache-rights',
        `part of the model cache belongs to another user (${answers.get('hub-foreign')})`,
        'run there',
        `sudo chown -R ${user}: ${at}`,
      ),
    )
  if (host.launcher !== null && launches !== '' && launches !== at)
    found.push(
      wrong(
        'cache-place',
        `downloads go to ${at}, but the launcher mounts ${launches}`,
        'set only HF_HOME, not HF_HUB_CACHE or XDG_CACHE_HOME, in /etc/environment there',
      ),
    )
  found.push(...shells(answers, at))
  if (state === 'missing' || count === 0) {
    found.push(
      elsewhere.length > 0
        ? wrong(
            'cache',
            `no model is at ${at}, but there are some at ${elsewhere.join(', ')}`,
            `log in as the user they belong to (hosts.${host.id}.user), or set HF_HOME in /etc/environment there`,
          )
        : right('cache', `no model yet; the first download makes ${at}`),
    )
  }
  return found
}

/** A path that only interactive shells know makes a person and Spark Control look at two different caches. */
function shells(answers: Examined['answers'], at: string): Verdict[] {
  const interactive = answers.get('hub-interactive')
  if (interactive !== '')
    return interactive === at
      ? []
      : [
          wrong(
            'cache-shell',
            `in your own shell models go to ${interactive}, but remote commands and the launcher use ${at}`,
            'write HF_HOME=… (the whole path) into /etc/environment there instead of a file of your shell, then reboot that Spark',
          ),
        ]
  const set = answers.all('cache-in-shell').flatMap((line) => {
    const [, name = '', value = ''] = /(\w+)=["']?([^"'\s;#]+)/.exec(line) ?? []
    return name ? [{ name, value }] : []
  })
  // $HOME and ~ are not expanded here: only the tail can be compared.
  const other = set.find(({ value }) => !at.includes(value.replace(/^(\$HOME|\$\{HOME\}|~)/, '')))
  if (!other) return []
  return [
    wrong(
      'cache-shell',
      `your own shell sets ${other.name}=${other.value}, but remote commands use ${at}`,
      `write ${other.name}=${other.value} (whole path) into /etc/environment there, then reboot that Spark`,
    ),
  ]
}

function disk({ answers }: Examined): Verdict[] {
  const [, total, , free] = answers.get('disk').split(' ').map(Number)
  if (!total || free === undefined || Number.isNaN(free)) return []
  const text = `${Math.round(free / gib)} GiB of disk free`
  return free / gib >= 50 && free >= total / 10
    ? [right('disk', text)]
    : [
        wrong(
          'disk',
          `only ${text}`,
          'delete models that are no longer used, and images without a name',
          'docker image prune',
        ),
      ]
}
