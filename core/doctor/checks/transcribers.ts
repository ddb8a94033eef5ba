import { right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

/**
 * cuda-python inside a container that transcribes with NeMo: it turns CUDA graphs on, which crash the decoding of real
 * speech on CUDA 13 (silence and short tests pass).
 */
export function transcriberChecks({ answers }: Examined): Verdict[] {
  return answers.all('python-packages').flatMap((row): Verdict[] => {
    const [container = '', ...rest] = row.split(' ')
    const versions = rest.join(' ').split(';')
    const version = versions.find((each) => each.startsWith('cuda-python '))?.split(' ')[1]
    if (versions.length <= 1) return []
    if (version === undefined) return [right('cuda-python', `${container} has no cuda-python, as it should be`)]
    return [
      wrong(
        'cuda-python',
        `${container} has cuda-python ${version}, with which transcribing real speech crashes on CUDA 13`,
        'take it out of the image too, and run there',
        `docker exec ${container} pip uninstall -y cuda-python && docker restart ${container}`,
      ),
    ]
  })
}
