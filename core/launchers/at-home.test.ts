import { expect, test } from 'bun:test'
import { atHome, part } from './at-home'

const home = '/home/some body'

async function said(argv: string[], input = '', variables: Record<string, string> = {}): Promise<string[]> {
  const child = Bun.spawn(argv, {
    env: { PATH: '/usr/bin:/bin', HOME: home, ...variables },
    stdio: [Buffer.from(input), 'pipe', 'inherit'],
  })
  return (await new Response(child.stdout).text()).split('\0').slice(0, -1)
}

async function arrived(words: string[], variables?: Record<string, string>): Promise<string[]> {
  const { argv, input } = atHome(['printf', '%s\\0', ...words])
  return said(argv, input, variables)
}

test('atHome() makes a leading ~/ the home and leaves every other word as it is', async () => {
  const words = ['~/x y', 'a~/b', '~', '$HOME', '`id`', '', "it's", ' \\ ', '*', '~/.cache/huggingface:/c']
  expect(await arrived(words)).toEqual([`${home}/x y`, ...words.slice(1, -1), `${home}/.cache/huggingface:/c`])
})

test('atHome() leaves a command without ~/ alone, and refuses a line break beside one', () => {
  expect(atHome(['docker', 'ps', '~'])).toEqual({ argv: ['docker', 'ps', '~'] })
  expect(() => atHome(['~/a', 'b\nc'])).toThrow('line break')
})

test('no word of a command stands among the arguments of the shell that runs it', () => {
  expect(atHome(['pgrep', '-f', 'llama-server', '~/x']).argv.join(' ')).not.toContain('llama-server')
})

test('a mount of the Hugging Face cache follows HF_HOME', async () => {
  const words = ['~/.cache/huggingface:/c', '~/.cache/huggingface']
  expect(await arrived(words, { HF_HOME: '/data/hf' })).toEqual(['/data/hf:/c', `${home}/.cache/huggingface`])
})

test('part() takes words from the midst, and of them only so many have a home', async () => {
  const script = `${part}\npart 2 4 3 "$@"`
  const words = ['0', '1', 'printf', '%s\\0', '~/a', '~/b', '~/c', '7']
  expect(await said(['sh', '-c', script, 'test', ...words])).toEqual([`${home}/a`, '~/b'])
})
