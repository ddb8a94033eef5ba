import { expect } from 'bun:test'
import { loadRecipe } from '../models/recipe-file'
import type { DeclaredKind } from './cluster'
import { formatFinding } from './findings'
import { loadConfig } from './load'

export const kinds: DeclaredKind[] = [
  {
    kind: 'vllm',
    summary: 'vLLM, whose model is swapped',
    defaultPort: 8888,
    manyHosts: true,
    schema: {
      properties: {
        served_model_name: { type: 'string', description: 'Name it answers to.' },
        master_port: { type: 'integer', description: 'Where its Sparks meet.' },
      },
    },
    claims: () => ['POST /v1/chat/completions by model', 'POST /v1/embeddings by model'],
  },
  {
    kind: 'http',
    summary: 'anything that speaks HTTP',
    schema: {
      properties: {
        routes: {
          type: 'array',
          description: 'What it serves.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['method', 'path'],
            properties: { method: { enum: ['GET', 'POST'] }, path: { type: 'string' }, by_model: { type: 'boolean' } },
          },
        },
      },
    },
    claims: ({ options }) =>
      ((options.routes ?? []) as { method: string; path: string; by_model?: boolean }[]).map(
        ({ method, path, by_model }) => `${method} ${path}${by_model ? ' by model' : ''}`,
      ),
  },
  {
    kind: 'bot',
    summary: 'works as a user of its own',
    defaultPort: 0,
    ownUser: true,
    schema: { properties: {}, required: ['container'] },
  },
]

const recipeText = `
recipe_version: "1"
name: Qwen
container: vllm-node
model: Qwen/Qwen3.6-35B-A3B-FP8
command: vllm serve Qwen/Qwen3.6-35B-A3B-FP8
`
export const named = (file: string) => loadRecipe({ text: recipeText, file }).recipe ?? []
export const recipes = [named('recipes/qwen.yaml')].flat()

export const load = (text: string, more = recipes) => loadConfig({ text, file: 'x.yaml', kinds, recipes: more })
export const lines = (text: string, more = recipes) => load(text, more).findings.map(formatFinding)

/** The text has this one finding, and therefore no cluster. */
export function assertError(finding: string, text: string) {
  const { cluster, findings } = load(text)
  expect(findings.map((one) => formatFinding(one).replace(/^x\.yaml:\d+:\d+: /, ''))).toEqual([finding])
  expect(cluster).toBeNull()
}

/** Two hosts to declare services on. */
export const hosts = 'hosts: { a: { address: 192.0.2.11, user: spark }, b: { address: 192.0.2.12, user: spark } }\n'
