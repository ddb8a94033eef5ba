import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { pinnedUtilization, recipeCommand } from './command'
import { commandFacts } from './command-facts'

const recipe = (command: string, defaults = {}) => ({ command, defaults, file: 'recipes/x.yaml' })

describe('recipeCommand()', () => {
  test.each<[string, string, object, string[]]>([
    ['fills {port}', 'vllm serve a/b --port {port}', { port: 8000 }, ['vllm', 'serve', 'a/b', '--port', '8888']],
    ['replaces a literal port', 'vllm serve a/b --port 8000', {}, ['vllm', 'serve', 'a/b', '--port', '8888']],
    ['replaces a literal port after =', 'v --port=8000 --x', {}, ['v', '--port=8888', '--x']],
    ['adds a port', 'vllm serve a/b', {}, ['vllm', 'serve', 'a/b', '--port', '8888']],
    ['fills {host} from the defaults', 'v {port} {host}', { host: '127.0.0.1' }, ['v', '8888', '127.0.0.1']],
    ['fills {host} where nothing says it', 'v {port} {host}', {}, ['v', '8888', '0.0.0.0']],
    ['keeps a value that holds a quoted space whole', "v {port} '{a}'", { a: 'b c' }, ['v', '8888', 'b c']],
  ])('%s', (_, command, defaults, argv) => {
    expect(recipeCommand(recipe(command, defaults), { port: 8888 })).toEqual(argv)
  })

  test('an overriding host is filled in, replaced or added', () => {
    const host = '127.0.0.11'
    expect(recipeCommand(recipe('v {port} {host}', { host: 'x' }), { port: 1, host })).toEqual(['v', '1', host])
    expect(recipeCommand(recipe('v {port} --host=x'), { port: 1, host })).toEqual(['v', '1', `--host=${host}`])
    expect(recipeCommand(recipe('v {port}'), { port: 1, host })).toEqual(['v', '1', '--host', host])
  })

  test.each([
    ['vllm serve a | tee log', 'recipes/x.yaml: command: has an unquoted "|"; quote it'],
    ['vllm serve {model}', 'recipes/x.yaml: command: asks for {model}; set it under defaults; available: host, port'],
    ['A=1 vllm serve', 'recipes/x.yaml: command: begins with a variable; set it under env'],
    ['# nothing', 'recipes/x.yaml: command: is empty; name a program'],
    ["'' a", 'recipes/x.yaml: command: is empty; name a program'],
  ])('refuses %s', (command, problem) => {
    expect(() => recipeCommand(recipe(command), { port: 1 })).toThrow(problem)
  })

  test('no value from the defaults can end the command or add another', () => {
    const value = fc.string({ unit: fc.constantFrom('a', ' ', ';', '|', '\n', "'", '"', '\\', '$', '`', '&', '>') })
    fc.assert(
      fc.property(value, (x) => {
        let argv: string[]
        try {
          argv = recipeCommand(recipe('vllm serve {x} {port}', { x }), { port: 1 })
        } catch {
          return
        }
        expect(argv.slice(0, 2)).toEqual(['vllm', 'serve'])
        if (!/[#\\'"]/.test(x)) expect(argv.at(-1)).toBe('1')
      }),
    )
  })
})

describe('recipeCommand() with the share of memory', () => {
  const vllm = (flags: string, defaults = {}) => recipe(`vllm serve a/b --port {port} ${flags}`, defaults)
  const share = (given: ReturnType<typeof vllm>, utilization: number | null) =>
    recipeCommand(given, { port: 1, utilization }).slice(5).join(' ')

  test.each<[string, ReturnType<typeof vllm>, string, string]>([
    [
      'fills the placeholder',
      vllm('--gpu-memory-utilization {gpu_memory_utilization}', { gpu_memory_utilization: 0.7 }),
      '--gpu-memory-utilization 0.5',
      '--gpu-memory-utilization 0.7',
    ],
    [
      'fills one that is left open',
      vllm('--gpu-memory-utilization {gpu_memory_utilization}'),
      '--gpu-memory-utilization 0.5',
      '--gpu-memory-utilization 0.92',
    ],
    [
      'replaces the flag',
      vllm('--gpu_memory_utilization=0.8 --x'),
      '--gpu_memory_utilization=0.5 --x',
      '--gpu_memory_utilization=0.8 --x',
    ],
    ['adds the flag', vllm(''), '--gpu-memory-utilization 0.5', ''],
    [
      'leaves a cache of a fixed size',
      vllm('--kv-cache-memory-bytes 8G'),
      '--kv-cache-memory-bytes 8G',
      '--kv-cache-memory-bytes 8G',
    ],
  ])('%s', (_, given, computed, written) => {
    expect(share(given, 0.5)).toBe(computed)
    expect(share(given, null)).toBe(written)
  })

  test('adds it to no other program', () => {
    expect(recipeCommand(recipe('uvicorn app --port {port}'), { port: 1, utilization: 0.5 })).toHaveLength(4)
  })

  test.each<[number | null, ReturnType<typeof vllm>]>([
    [0.7, vllm('--gpu-memory-utilization {gpu_memory_utilization}', { gpu_memory_utilization: '0.7' })],
    [null, vllm('--gpu-memory-utilization {gpu_memory_utilization}', { gpu_memory_utilization: 'auto' })],
    [0.3, vllm('--gpu-memory-utilization 0.3')],
    [null, vllm('')],
    [null, recipe("'")],
  ])('pinnedUtilization() tells %p', (pinned, given) => {
    expect(pinnedUtilization(given)).toBe(pinned)
  })
})

describe('recipeCommand() with a model by its path', () => {
  const model = { repo: 'local/tune', path: '/models/tune' }
  test('names the path, and serves it under its repo', () => {
    expect(recipeCommand(recipe('vllm serve local/tune --tokenizer local/tune'), { port: 1, model }).join(' ')).toBe(
      'vllm serve /models/tune --tokenizer /models/tune --port 1 --served-model-name local/tune',
    )
    expect(
      recipeCommand(recipe('vllm serve --model=local/tune --served-model-name x'), { port: 1, model }).join(' '),
    ).toBe('vllm serve --model=/models/tune --served-model-name x --port 1')
  })
})

describe('commandFacts()', () => {
  test.each<[string, number]>([
    ['vllm serve a/b', 1],
    ['vllm serve a/b -tp {n}', 4],
    ['vllm serve a/b -tp 2 -pp 3', 6],
    ['vllm serve a/b --tensor-parallel-size=2 --data_parallel_size 2', 4],
    ['vllm serve a/b -tp 2 -tp {n} --data-parallel-size-local 9', 4],
    [`vllm serve a/b --speculative-config '{{"draft_tensor_parallel_size":{n}}}'`, 1],
  ])('%s needs %i Sparks', (command, nodes) => {
    expect(commandFacts({ command, defaults: { n: 4 } })).toMatchObject({ nodes, model: 'a/b', problems: [] })
  })

  test('a size that is no number is a problem', () => {
    const { problems } = commandFacts({ command: 'vllm serve a/b -tp auto', defaults: {} })
    expect(problems).toEqual([{ problem: 'sets --tensor-parallel-size to "auto"', remedy: 'write a whole number' }])
  })

  test.each<[string, string[]]>([
    ['vllm serve a/b', ['chat']],
    ['vllm serve a/b --reasoning-parser qwen3 --enable-auto-tool-choice', ['chat', 'reasoning', 'tools']],
    [`vllm serve a/b --limit-mm-per-prompt '{{"image": 4}}'`, ['chat', 'vision']],
    [`vllm serve a/b --limit-mm-per-prompt '{{"image":0}}'`, ['chat']],
    ['vllm serve a/b --task embed', ['embed']],
    ['vllm serve a/b --runner pooling', ['embed']],
    ['vllm serve a/b --task=score', ['rerank']],
    ['uvicorn server:app', []],
  ])('%s can do %p', (command, capabilities) => {
    expect(commandFacts({ command, defaults: {} }).capabilities).toEqual(capabilities)
  })

  test('what a shell would expand is noted, because nothing will', () => {
    const { notes } = commandFacts({ command: 'v $HOME/a ~/b "`c`" 5$ \'x\'', defaults: {} })
    expect(notes.map(({ problem }) => problem)).toEqual([
      '$HOME/a is passed as written',
      '~/b is passed as written',
      '`c` is passed as written',
    ])
  })
})
