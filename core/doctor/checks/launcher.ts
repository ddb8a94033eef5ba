import { type Advice, right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

/** spark-vllm-docker on a head: there, which one, and what its .env says. */
export function launcherChecks(examined: Examined): Verdict[] {
  const { host, answers } = examined
  if (host.launcher === null || !answers.has('launcher')) return []
  if (answers.get('launcher') !== 'ok') return [notThere(examined)]
  return [right('launcher', `launch-cluster.sh is in ${host.launcher}`), generation(examined), ...environment(examined)]
}

function notThere({ host, answers }: Examined): Verdict {
  const { id, launcher } = host
  if (answers.get('launcher') === 'closed')
    return wrong(
      'launcher',
      `launch-cluster.sh in ${launcher} may not be run`,
      'run there',
      `chmod +x ${launcher}/*.sh`,
    )
  const elsewhere = answers.get('launcher-elsewhere')
  return wrong(
    'launcher',
    `launch-cluster.sh is not in ${launcher}`,
    ...(elsewhere ? moved(id, elsewhere) : cloned(launcher)),
  )
}

const moved = (host: string, folder: string): Advice => [
  `it is in ${folder}; write that as hosts.${host}.launcher in spark.config.yaml`,
]
const cloned = (folder: string | null): Advice => [
  'run there',
  `git clone https://github.com/eugr/spark-vllm-docker ${folder}`,
]

/** Told by what its help knows: a checkout has no version, and a copy without git has no date. */
function generation({ host, answers }: Examined): Verdict {
  const knows = answers.all('launcher-knows')
  const [commit, date] = answers.get('launcher-commit').split(' ')
  const which = commit && date ? ` (commit ${commit} of ${date})` : ''
  // A model on one Spark is launched with --solo.
  if (!knows.includes('--solo'))
    return wrong(
      'launcher-version',
      `the launcher is too old${which}: it knows no --solo`,
      'run there, which also builds the image anew',
      `cd ${host.launcher} && git pull && ./build-and-copy.sh`,
    )
  const generation = knows.includes('--no-ray') ? 'the new generation' : 'the generation that always starts Ray'
  const downloads = knows.includes('hf-download') ? 'manages the model cache' : 'only downloads'
  return right('launcher-version', `the launcher is of ${generation}${which}; its hf-download.sh ${downloads}`)
}

function environment({ host, answers, workers }: Examined): Verdict[] {
  const state = answers.get('env')
  if (state === 'missing') {
    return workers.length === 0
      ? [right('env', 'the launcher needs no .env on a single Spark')]
      : [
          wrong(
            'env',
            'the launcher has no .env, so it would ask which Sparks there are and wait for an answer',
            'run there once, by hand',
            `cd ${host.launcher} && ./launch-cluster.sh --setup`,
          ),
        ]
  }
  if (state === 'closed')
    return [wrong('env', 'the .env of the launcher may not be read', 'run there', `chmod u+r ${host.launcher}/.env`)]
  const verdicts = [...lineEnds(host.launcher, answers.has('env-crlf')), ...nodes(answers, host, workers)]
  return verdicts.length > 0 ? verdicts : [right('env', 'the .env of the launcher names the declared Sparks')]
}

function lineEnds(folder: string | null, crlf: boolean): Verdict[] {
  if (!crlf) return []
  return [
    wrong(
      'env-lines',
      'the .env of the launcher was saved with Windows line ends, which the launcher refuses',
      'run there',
      `sed -i 's/\\r$//' ${folder}/.env`,
    ),
  ]
}

function nodes(answers: Examined['answers'], host: Examined['host'], workers: Examined['workers']): Verdict[] {
  if (workers.length === 0) return []
  const line = answers.all('env-line').find((each) => each.startsWith('CLUSTER_NODES='))
  const named = (line ?? '')
    .slice('CLUSTER_NODES='.length)
    .replace(/["'\s]/g, '')
    .split(',')
    .filter(Boolean)
  const wanted = [host, ...workers].map((each) => each.fabric ?? each.address)
  const setting = `CLUSTER_NODES=${wanted.join(',')}`
  const remedy = [`write this line into ${host.launcher}/.env`, setting] as const
  if (named.length === 0)
    return [wrong('env-nodes', 'the .env of the launcher does not say which Sparks there are', ...remedy)]
  const local = named.filter((each) => /\.local\.?$/i.test(each))
  if (local.length > 0)
    return [
      wrong(
        'env-nodes',
        `the .env of the launcher names ${local.join(', ')}, which containers cannot resolve`,
        ...remedy,
      ),
    ]
  const known = (each: { address: string; fabric: string | null }) =>
    named.includes(each.fabric ?? '') || named.includes(each.address)
  const missing = [host, ...workers].filter((each) => !known(each))
  if (missing.length === 0) return []
  return [
    wrong(
      'env-nodes',
      `the .env of the launcher names ${named.join(', ')}, but not ${missing.map(({ id }) => id).join(', ')}`,
      ...remedy,
    ),
  ]
}
