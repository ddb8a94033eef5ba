import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatFinding } from '../config/findings'
import { recipeCommand } from './command'
import { loadRecipe } from './recipe-file'

const base = `recipe_version: "1"
name: Qwen
model: Qwen/Qwen3.6-35B-A3B-FP8
container: vllm-node
`
const serve = 'command: vllm serve Qwen/Qwen3.6-35B-A3B-FP8 --port {port}\n'
const load = (text: string, file = 'recipes/qwen.yaml') => loadRecipe({ text, file })
const lines = (text: string, file?: string) => load(text, file).findings.map(formatFinding)

describe('loadRecipe()', () => {
  test('reads a community recipe unchanged', () => {
    const { recipe, findings } = load(
      `# Recipe: a model over two Sparks
recipe_version: "1"
name: Big model (TP=2)
description: >-
  Serves a big model
  over two Sparks
model: org/Big-Model-NVFP4
container: ghcr.io/org/vllm-node:0.1.1
build_args:
  - --exp-mxfp4
cluster_only: true
mods:
  - mods/fix-big-model
defaults:
  port: 8000
  host: 0.0.0.0
  tensor_parallel: 2
  gpu_memory_utilization: 0.7
  max_model_len: auto
env:
  VLLM_MARLIN_USE_ATOMIC_ADD: 1
  TORCH_CUDA_ARCH_LIST: "12.1a"
  VERBOSE: false
command: |
  vllm serve org/Big-Model-NVFP4 \\
    --host {host} --port {port} \\
    -tp {tensor_parallel} \\
    --max-model-len {max_model_len} \\
    --speculative-config '{{"method":"mtp","draft_tensor_parallel_size":{tensor_parallel}}}' \\
    --reasoning-parser qwen3
`,
      'recipes/Big-Model.yml',
    )
    expect(findings).toEqual([])
    expect(recipe).toMatchObject({
      id: 'big-model',
      name: 'Big model (TP=2)',
      description: 'Serves a big model over two Sparks',
      repo: 'org/Big-Model-NVFP4',
      container: 'ghcr.io/org/vllm-node:0.1.1',
      env: { VLLM_MARLIN_USE_ATOMIC_ADD: '1', TORCH_CUDA_ARCH_LIST: '12.1a', VERBOSE: 'False' },
      mods: ['mods/fix-big-model'],
      soloOnly: false,
      clusterOnly: true,
      nodes: 2,
      capabilities: ['chat', 'reasoning'],
      knownIssue: null,
      source: 'shipped',
      file: 'recipes/Big-Model.yml',
      unrunnable: null,
    })
    expect(recipe && recipeCommand(recipe, { port: 8888 }).slice(0, 11)).toEqual(
      'vllm serve org/Big-Model-NVFP4 --host 0.0.0.0 --port 8888 -tp 2 --max-model-len auto'.split(' '),
    )
  })

  test('takes what only Spark Control reads from its own block', () => {
    const own = 'spark_control: { capabilities: [chat, vision], title: Qwen 35B, known_issue: slow start }\n'
    expect(load(base + serve + own).recipe).toMatchObject({
      name: 'Qwen 35B',
      capabilities: ['chat', 'vision'],
      knownIssue: 'slow start',
    })
  })

  test('takes how a model comes and goes on demand from its own block, and is off when that says nothing', () => {
    const own = 'spark_control: { on_demand: true, priority: 5, min_loaded_s: 60, idle_unload_s: 900, keep: true }\n'
    expect(load(base + serve + own).recipe?.demand).toEqual({
      onDemand: true,
      priority: 5,
      minLoadedS: 60,
      idleUnloadS: 900,
      keep: true,
    })
    expect(load(base + serve).recipe?.demand).toMatchObject({ onDemand: false, idleUnloadS: null, keep: false })
  })

  test('reads the model from the command when the file does not name it', () => {
    const { recipe } = load(base.replace(/^model.*\n/m, '') + serve)
    expect(recipe?.repo).toBe('Qwen/Qwen3.6-35B-A3B-FP8')
  })

  test.each<[string, string]>([
    ['recipes/qwen.yaml:1:1: "command" is missing; add command: one program call', base],
    [
      'recipes/qwen.yaml:1:1: "container" is missing; add container: image tag of the container it runs in',
      base.replace(/^container.*\n/m, '') + serve,
    ],
    [
      'recipes/qwen.yaml:3:8: model: "qwen" is not allowed; write it as org/name',
      base.replace('Qwen/Qwen3.6-35B-A3B-FP8', 'qwen') + serve,
    ],
    [
      'recipes/qwen.yaml:1:1: "model" is missing; add model: org/name',
      `${base.replace(/^model.*\n/m, '')}command: vllm serve /models/x`,
    ],
    ['recipes/qwen.yaml:6:1: "name" is set twice; remove one of the two', `${base + serve}name: again\n`],
    [
      'recipes/qwen.yaml:5:1: command: asks for {tensor_parallel}; set it under defaults; available: host, port',
      `${base}command: vllm serve a/b -tp {tensor_parallel}`,
    ],
    [
      'recipes/qwen.yaml:5:1: command: has the placeholder {"image":1}; write {name}, or double the braces where they are meant',
      `${base}command: |\n  vllm serve a/b --limit-mm-per-prompt '{"image":1}'`,
    ],
    [
      'recipes/qwen.yaml:5:1: command: has an unquoted "&"; quote it: a recipe\'s command is one program call',
      `${base}command: vllm serve a/b & rm -rf /`,
    ],
    [
      'recipes/qwen.yaml:5:1: command: line 2 starts a second command; end the line before it with a backslash',
      `${base}command: |\n  vllm serve a/b\n  --port 1`,
    ],
    [
      'recipes/qwen.yaml:6:18: spark_control: unknown key "titel"; did you mean "title"?',
      `${base + serve}spark_control: { titel: x }`,
    ],
    [
      'recipes/qwen.yaml:6:33: spark_control.capabilities.0: "vison" is not one of chat, vision, reasoning, tools, stt, diarize, tts, embed, rerank; did you mean "vision"?',
      `${base + serve}spark_control: { capabilities: [vison] }`,
    ],
    [
      'recipes/qwen.yaml:6:15: defaults.a: expected string or number or boolean, got keys and values; write a string or number or boolean',
      `${base + serve}defaults: {a: {b: 1}}`,
    ],
    [
      'recipes/qwen.yaml:6:8: env: the name "A B" is not allowed; use letters, digits or underscores',
      `${base + serve}env: { A B: 1 }`,
    ],
    [
      'recipes/qwen.yaml:6:8: mods.0: "mods/../../x" is not allowed; write a path such as mods/NAME, without ".."',
      `${base + serve}mods: [mods/../../x]`,
    ],
    ['recipes/qwen.yaml:1:1: expected object, got a list; write keys and values below it', '[]'],
  ])('%s', (line, text) => {
    const { recipe, findings } = load(text)
    expect(findings.map(formatFinding)).toEqual([line])
    expect(recipe).toBeNull()
  })

  test.each<[string, string]>([
    ['note: recipes/qwen.yaml:6:1: contaner: unknown key; did you mean "container"?', `${base + serve}contaner: x`],
    [
      'note: recipes/qwen.yaml:1:1: recipe_version: version 3 is not known; it is read as version 1',
      base.replace('"1"', '3') + serve,
    ],
    [
      'note: recipes/qwen.yaml:3:1: model: the command serves a/b; name the same model in both',
      `${base}command: vllm serve a/b`,
    ],
    [
      'note: recipes/qwen.yaml:6:1: solo_only: cannot be launched: it is solo_only, and its command asks for 2 Sparks; correct the recipe',
      `${base + serve.replace(' --', ' -tp 2 --')}solo_only: true`,
    ],
  ])('%s', (line, text) => {
    const { recipe, findings } = load(text)
    expect(findings.map(formatFinding)).toEqual([line])
    expect(recipe).not.toBeNull()
  })

  test('keeps the text as written, and the hash of what it runs', () => {
    const { recipe } = load(base + serve)
    expect(recipe).toMatchObject({ text: base + serve, trusted: true, runtime: 'launch-cluster', docker: null })
    expect(recipe?.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(load(base.replace('name: Qwen', 'name: Q') + serve).recipe?.hash).toBe(recipe?.hash ?? '')
    expect(load(base + serve.replace('{port}', '{port} --x')).recipe?.hash).not.toBe(recipe?.hash ?? '')
  })

  test('fills the settings of runtime docker with what docker and vLLM are used to', () => {
    const own =
      'spark_control: { runtime: docker, docker: { mounts: [patches/a.py:/app/a.py:ro], entrypoint: keep } }\n'
    const command = 'command: Qwen/Qwen3.6-35B-A3B-FP8 --reasoning-parser qwen3 --port {port}\n'
    const { recipe, findings } = load(base.replace('vllm-node', 'vllm/vllm-openai:gemma') + command + own)
    expect(findings).toEqual([])
    expect(recipe).toMatchObject({ runtime: 'docker', capabilities: ['chat', 'reasoning'], script: null })
    expect(recipe?.docker).toEqual({
      entrypoint: 'keep',
      mounts: ['patches/a.py:/app/a.py:ro'],
      shm: null,
      network: 'host',
      privileged: false,
      gpus: 'all',
      user: null,
      cache: '/root/.cache/huggingface',
    })
  })

  test('takes the commands of runtime script, which needs no container and no command', () => {
    const script = 'script: { folder: ~/llama, start: [./start.sh, "a b"], stop: [./stop.sh], status: [./up.sh] }'
    const text = `recipe_version: 1\nname: Llama\nmodel: org/Model-GGUF\nspark_control: { runtime: script, ${script} }\n`
    const { recipe, findings } = load(text)
    expect(findings).toEqual([])
    expect(recipe).toMatchObject({ runtime: 'script', container: '', command: '', nodes: 1, capabilities: [] })
    expect(recipe?.script).toEqual({
      folder: '~/llama',
      start: ['./start.sh', 'a b'],
      stop: ['./stop.sh'],
      status: ['./up.sh'],
      log: null,
    })
    const shown = load(`${text}command: cd llama && ./server -m x.gguf\n`)
    expect([shown.recipe?.command, shown.findings]).toEqual(['cd llama && ./server -m x.gguf', []])
  })

  test.each<[string, string]>([
    [
      '6:54: spark_control.docker.mounts.0: "../x:/x" is not allowed; write source:/target or source:/target:ro, without ".." and without commas',
      'runtime: docker, docker: { mounts: ["../x:/x"] }',
    ],
    [
      '6:54: spark_control.docker.mounts.0: "/a/../x:/x" is not allowed; write source:/target or source:/target:ro, without ".." and without commas',
      'runtime: docker, docker: { mounts: ["/a/../x:/x"] }',
    ],
    [
      '6:54: spark_control.docker.mounts.0: "/a:/x/.." is not allowed; write source:/target or source:/target:ro, without ".." and without commas',
      'runtime: docker, docker: { mounts: ["/a:/x/.."] }',
    ],
    [
      '6:54: spark_control.docker.mounts.0: "/a:/x\\n" is not allowed; write source:/target or source:/target:ro, without ".." and without commas',
      'runtime: docker, docker: { mounts: ["/a:/x\\n"] }',
    ],
    [
      '6:54: spark_control.docker.mounts.0: "/a:x" is not allowed; write source:/target or source:/target:ro, without ".." and without commas',
      'runtime: docker, docker: { mounts: ["/a:x"] }',
    ],
    [
      '6:50: spark_control.docker.shm: "much" is not allowed; write a size such as 16g',
      'runtime: docker, docker: { shm: much }',
    ],
    [
      '6:57: spark_control.docker.entrypoint: "sh -c" is not allowed; write keep, or one program without arguments',
      'runtime: docker, docker: { entrypoint: sh -c }',
    ],
    [
      '6:45: spark_control.docker: unknown key "mount"; did you mean "mounts"?',
      'runtime: docker, docker: { mount: [] }',
    ],
    [
      '6:27: spark_control.runtime: "dokcer" is not one of launch-cluster, docker, script; did you mean "docker"?',
      'runtime: dokcer',
    ],
    [
      '6:18: spark_control.docker: is read by runtime docker, this one is launch-cluster; add runtime: docker, or remove it',
      'docker: {}',
    ],
    [
      '6:18: spark_control.runtime: names no commands; add script: with start, stop and status, each a list of words',
      'runtime: script',
    ],
    [
      '6:43: spark_control.script: "status" is missing; add status: ends with exit code 0 as soon as it was started and while it runs, else with another below 125: by a pid file, or `pgrep -f`',
      'runtime: script, script: { start: [a], stop: [b] }',
    ],
    [
      '6:52: spark_control.script.start: expected array, got string ("./a && ./b"); write a list: [one, two]',
      'runtime: script, script: { start: ./a && ./b, stop: [b], status: [c] }',
    ],
  ])('recipes/qwen.yaml:%s', (line, block) => {
    const { recipe, findings } = load(`${base + serve}spark_control: { ${block} }\n`)
    expect(recipe).toBeNull()
    expect(findings.map(formatFinding)).toEqual([`recipes/qwen.yaml:${line}`])
  })

  test('the share of memory may be left to the launch', () => {
    const open = 'command: vllm serve a/b --port {port} --gpu-memory-utilization {gpu_memory_utilization}\n'
    for (const defaults of ['', 'defaults: { gpu_memory_utilization: auto }\n']) {
      const { recipe } = load(base.replace(/^model.*\n/m, '') + open + defaults)
      expect(recipe && recipeCommand(recipe, { port: 1 }).at(-1)).toBe('0.92')
      expect(recipe && recipeCommand(recipe, { port: 1, utilization: 0.4 }).at(-1)).toBe('0.4')
    }
  })

  test('keeps what it makes of hostile text to findings', () => {
    for (const text of [
      '\0',
      'a: &a [*a]',
      '- '.repeat(5000),
      'x'.repeat(100_000),
      '{'.repeat(2000),
      '__proto__: 1',
      '? [a]\n: b',
    ])
      expect(load(text).recipe).toBeNull()
    expect(load(`${base + serve}env: { A: "a\\0b" }`).recipe).toBeNull()
    expect(load(`${base}command: "vllm serve a/b \\0"`).recipe).toBeNull()
  })

  test('a default may span lines, as JSON in a block often does', () => {
    const json = `defaults:\n  config: |\n    {"a": 1}\ncommand: vllm serve a/b --config '{config}'\n`
    const { recipe } = load(base.replace(/^model.*\n/m, '') + json)
    expect(recipe && recipeCommand(recipe, { port: 1 })).toContain('{"a": 1}\n')
  })

  test('cluster_only asks for two Sparks, whatever the command does with them', () => {
    expect(load(`${base + serve}cluster_only: true`).recipe?.nodes).toBe(2)
  })

  test('a file name that is no id is an error', () => {
    expect(lines(base + serve, 'recipes/my model.yaml')).toEqual([
      'recipes/my model.yaml:1:1: the file name "my model" is no id; use letters, digits, dots, dashes or underscores, at most 64',
    ])
  })

  test('a recipe that loaded runnable always gives a command, one that did not says why', () => {
    const word = fc.constantFrom(
      'vllm',
      'serve',
      'a/b',
      '{port}',
      '{tp}',
      '{x}',
      '--port',
      '-tp',
      '2',
      '{{',
      '}',
      "'",
      '"',
      '\\',
      '\n  ',
      ' ',
      '#',
      ';',
    )
    const commands = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(commands, (command) => {
        const text = `${base}defaults: { tp: 1 }\ncommand: ${JSON.stringify(command)}`
        const { recipe, findings } = load(text)
        if (recipe) expect(recipeCommand(recipe, { port: 8888 }).length).toBeGreaterThan(0)
        else expect(findings.some(({ severity }) => severity === 'error')).toBe(true)
      }),
    )
  })
})
