import { describe, expect, test } from 'bun:test'
import { formatFinding } from './findings'
import { assertError, hosts, lines, load, named } from './load.fixtures'

describe('nameProblems()', () => {
  test.each<[string, string]>([
    ['aliases.chat: "chat" is a capability; choose another name', '{ chat: qwen }'],
    ['aliases.current: "current" is reserved; choose another name', '{ current: qwen }'],
    ['aliases.qwen: "qwen" is a recipe; choose another name', '{ qwen: embed }'],
    [
      'aliases.Qwen/Qwen3.6-35B-A3B-FP8: "Qwen/Qwen3.6-35B-A3B-FP8" is the repo of recipe qwen; choose another name',
      '{ Qwen/Qwen3.6-35B-A3B-FP8: embed }',
    ],
    ['aliases.x/y: "x/y" is the model of service s; choose another name', '{ x/y: embed }'],
    [
      'aliases.best: no recipe, repo, service model or capability is called "qwn"; did you mean "qwen"?',
      '{ best: qwn }',
    ],
    [
      'aliases.best: no recipe, repo, service model or capability is called "current"; name one of these',
      '{ best: current }',
    ],
    ['aliases: the name "a b" is not allowed; use letters, digits, dots, dashes, colons or slashes', '{ a b: chat }'],
  ])('%s', (finding, aliases) => {
    assertError(finding, `${hosts}services: { s: { kind: http, host: a, port: 1, model: x/y } }\naliases: ${aliases}`)
  })

  test('an alias of an alias names where to point', () => {
    assertError(
      'aliases.b: no recipe, repo, service model or capability is called "a"; an alias cannot name an alias; write chat',
      `${hosts}aliases: { a: chat, b: a }`,
    )
  })

  test('an alias may name a recipe, a repo, the model of a service and a capability', () => {
    const aliases = '{ a: qwen, b: Qwen/Qwen3.6-35B-A3B-FP8, c: x/y, d: embed }'
    expect(lines(`${hosts}services: { s: { kind: http, host: a, port: 1, model: x/y } }\naliases: ${aliases}`)).toEqual(
      [],
    )
  })

  test('a recipe that is called like a capability is reported where the recipe is', () => {
    const found = lines(hosts, [named('recipes/chat.yaml')].flat())
    expect(found).toEqual(['recipes/chat.yaml:1:1: "chat" is a capability; rename the file'])
  })

  test('a service whose model a recipe has too is a note, and the cluster stands', () => {
    const { cluster, findings } = load(
      `${hosts}services: { s: { kind: http, host: a, port: 1, model: Qwen/Qwen3.6-35B-A3B-FP8 } }`,
    )
    expect(findings.map(formatFinding)).toEqual([
      'note: x.yaml:2:55: services.s.model: recipe qwen has the same model; this service answers it',
    ])
    expect(cluster).not.toBeNull()
  })
})
