import { right, untold, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

/** Docker, and the images that recipes launch. */
export function containerChecks(examined: Examined): Verdict[] {
  return [docker(examined), ...images(examined), ...gone(examined)]
}

function docker({ answers }: Examined): Verdict {
  if (answers.has('docker')) return right('docker', `docker ${answers.get('docker')} answers`)
  const problem = answers.get('docker-problem')
  const user = answers.get('user')
  if (problem === 'missing')
    return wrong(
      'docker',
      'docker is not installed',
      'DGX OS brings it; install it again there',
      'sudo apt install docker-ce',
    )
  if (/permission denied/i.test(problem)) {
    // Membership counts from the next login on, and this controller's connection is an older one.
    return answers.get('docker-group').split(',').includes(user)
      ? wrong(
          'docker',
          `${user} is in the group docker, but this login is older than that`,
          'wait until the connection is new: restart Spark Control, or reboot that Spark',
        )
      : wrong(
          'docker',
          `${user} may not use docker`,
          'run there, then reboot that Spark',
          `sudo usermod -aG docker ${user}`,
        )
  }
  if (/cannot connect|is the docker daemon running/i.test(problem))
    return wrong('docker', 'docker does not run', 'run there', 'sudo systemctl enable --now docker')
  return wrong(
    'docker',
    `docker does not answer: ${problem.slice(0, 120) || 'nothing within 6 s'}`,
    'run there',
    'sudo systemctl restart docker',
  )
}

/** The ids of a host's images by tag. */
export function imageIds({ answers }: Examined): Map<string, string> {
  return new Map(answers.all('image').map((row) => row.split('|') as [string, string]))
}

/** `vllm-node` means `vllm-node:latest`. */
export const tagged = (image: string) => (/:[\w.-]+$/.test(image) ? image : `${image}:latest`)

// A recipe nobody has built the image for is no fault of the Spark; a Spark without any can launch nothing.
function images(examined: Examined): Verdict[] {
  const { answers, images: needed } = examined
  if (needed.size === 0) return []
  if (!answers.has('docker')) return [untold('images', 'the images could not be listed', 'make docker answer first')]
  const here = imageIds(examined)
  const missing = [...needed].filter(([image]) => !here.has(tagged(image)))
  if (missing.length === needed.size) {
    const [[image] = ['']] = missing
    return [
      wrong(
        'images',
        `no image of the recipes is here (${missing.map(([each]) => each).join(', ')})`,
        "build or pull it in the launcher's folder",
        `./build-and-copy.sh -t ${image}`,
      ),
    ]
  }
  if (missing.length === 0)
    return [right('images', `every image of the recipes is here (${[...needed.keys()].join(', ')})`)]
  const lacking = missing.map(([image, recipes]) => `${image} for ${recipes.slice(0, 3).join(', ')}`)
  return [right('images', `images are here, not all: ${lacking.join('; ')} would have to be built first`)]
}

/** A container that is declared and not there can't be started by a click. */
function gone({ answers, services }: Examined): Verdict[] {
  if (!answers.has('docker')) return []
  const here = new Set(answers.all('container').map((row) => row.split('|')[0]))
  return services
    .filter(({ container, kind, disabled }) => container !== null && kind !== 'vllm' && !disabled)
    .filter(({ container }) => !here.has(container ?? ''))
    .map(({ id, container }) =>
      wrong(
        'container',
        `there is no container "${container}" for ${id}`,
        `correct services.${id}.container (there are: ${[...here].slice(0, 8).join(', ') || 'none'}), or create it`,
      ),
    )
}
