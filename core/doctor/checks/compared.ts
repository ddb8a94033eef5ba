import { type Check, right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'
import { imageIds, tagged } from './containers'
import { gpuOf } from './gpu'

/** What only shows when hosts are held against each other: one machine twice, other drivers, other images. */
export function comparedChecks(all: Examined[]): Check[] {
  return all.flatMap((examined, index) =>
    [...sameMachine(examined, all.slice(0, index)), ...sameImages(examined, all), ...sameDriver(examined, all)].map(
      (verdict) => ({ ...verdict, subject: `host:${examined.host.id}` }),
    ),
  )
}

/** The boot id is drawn at each start; the machine id is none, because DGX images are cloned with it. */
function sameMachine({ host, answers }: Examined, before: Examined[]): Verdict[] {
  const boot = answers.get('boot-id')
  const twin = boot === '' ? undefined : before.find((each) => each.answers.get('boot-id') === boot)
  if (!twin) return []
  return [
    wrong(
      'same-machine',
      `${host.id} and ${twin.host.id} are one and the same machine under two addresses`,
      'keep one of them in spark.config.yaml',
    ),
  ]
}

/** A launch over several Sparks is refused by the launcher where image ids differ. */
function sameImages(head: Examined, all: Examined[]): Verdict[] {
  return all
    .filter(({ host }) => head.workers.includes(host))
    .flatMap((worker): Verdict[] => {
      const [ofHead, ofWorker] = [imageIds(head), imageIds(worker)]
      const shared = [...worker.images.keys()].filter((image) => ofHead.has(tagged(image)))
      if (ofWorker.size === 0 || shared.length === 0) return []
      const other = shared.filter((image) => ofWorker.get(tagged(image)) !== ofHead.get(tagged(image)))
      if (other.length === 0) return [right('same-images', `${worker.host.id} has the same images as ${head.host.id}`)]
      const copies = other.map((image) => `./build-and-copy.sh --no-build -t ${image} --copy-to ${addressOf(worker)}`)
      return [
        wrong(
          'same-images',
          `${worker.host.id} has another ${other.join(', ')} than ${head.host.id}, or none`,
          `run in the launcher's folder on ${head.host.id}`,
          copies.join(' && '),
        ),
      ]
    })
}

function sameDriver(head: Examined, all: Examined[]): Verdict[] {
  const own = gpuOf(head).driver
  return all
    .filter(({ host, answers }) => head.workers.includes(host) && answers.has('gpu'))
    .filter((worker) => own !== '' && gpuOf(worker).driver !== own)
    .map((worker) =>
      wrong(
        'same-driver',
        `${head.host.id} has driver ${own}, ${worker.host.id} has ${gpuOf(worker).driver}`,
        'bring both to the same version, then reboot them',
        'sudo apt update && sudo apt full-upgrade',
      ),
    )
}

const addressOf = ({ host }: Examined) => host.fabric ?? host.address
