import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatFinding } from './findings'
import { assertError, hosts, lines, load } from './load.fixtures'

describe('loadConfig()', () => {
  test('fills in what was left out', () => {
    const { cluster, findings } = load(`
hosts:
  spark-1: { address: 192.0.2.11, user: spark, launcher: ~/spark-vllm-docker }
  spark-2: { address: spark-2.lan, user: spark, ssh_port: 2222, fabric: 192.168.177.12, title: Second }
services:
  llm: { kind: vllm, hosts: [spark-2, spark-1], port: }
  paint: { kind: http, host: spark-2, port: 8188, offers: [embed], hidden: true, limits: { concurrency: 2 } }
aliases: { best: qwen }
swap: { hold_s: 5, drain_s: }
guard:
`)
    expect(findings).toEqual([])
    expect(cluster).toMatchObject({
      name: 'Spark Control',
      demo: false,
      hosts: [
        {
          id: 'spark-1',
          title: 'spark-1',
          sshPort: 22,
          launcher: '~/spark-vllm-docker',
          fabric: null,
          models: [],
          reserveBytes: 4 * 2 ** 30,
        },
        { id: 'spark-2', title: 'Second', address: 'spark-2.lan', sshPort: 2222, fabric: '192.168.177.12' },
      ],
      services: [
        { id: 'llm', kind: 'vllm', title: 'llm', port: 8888, container: null, model: null, offers: [], hidden: false },
        { id: 'paint', port: 8188, offers: ['embed'], hidden: true, options: { limits: { concurrency: 2 } } },
      ],
      aliases: { best: 'qwen' },
      recipeSources: [],
      hubToken: null,
      hub: 'https://huggingface.co',
      holdS: 5,
      drainS: 30,
      allowedHosts: [],
      sshKey: null,
    })
    expect(cluster?.services[0]?.hosts.map(({ id }) => id)).toEqual(['spark-2', 'spark-1'])
  })

  test.each(['user:', "user: ''", 'user: null', 'port: 1'])(
    'a service that needs its own user is hidden and disabled with `%s`',
    (blank) => {
      const { cluster, findings } = load(`${hosts}services: { bot: { kind: bot, host: a, container: bot, ${blank} } }`)
      expect(findings).toEqual([])
      expect(cluster?.services[0]).toMatchObject({ user: null, hidden: true, disabled: true })
    },
  )

  test('a service may have its own user and no port, beside others without one', () => {
    const one = (id: string) => `${id}: { kind: bot, host: a, container: ${id}, user: ${id} }`
    const { cluster, findings } = load(`${hosts}services: { ${one('anna')}, ${one('ben')} }`)
    expect(findings).toEqual([])
    expect(cluster?.services.map(({ user, port, disabled }) => [user, port, disabled])).toEqual([
      ['anna', 0, false],
      ['ben', 0, false],
    ])
  })

  test('a blank user of any other service is that of its host', () => {
    const { cluster } = load(`${hosts}services: { x: { kind: http, host: a, port: 1, user: } }`)
    expect(cluster?.services[0]).toMatchObject({ user: null, hidden: false, disabled: false })
  })

  test.each<[string, string]>([
    ['"hosts" is missing; add hosts: the Sparks by id', 'name: x'],
    ['hosts: is empty; give at least 1', 'hosts: {}'],
    ['hosts: expected object, got nothing; fill it in, or remove the key', 'hosts:'],
    ['expected object, got a list; write keys and values below it', '[]'],
    ['unknown key "sevices"; did you mean "services"?', `${hosts}sevices: {}`],
    ['hosts.a: unknown key "adress"; did you mean "address"?', 'hosts: { a: { adress: x, user: u, address: b } }'],
    [
      'hosts.a: "user" is missing; add user: login name on the Spark that commands run under',
      'hosts: { a: { address: b } }',
    ],
    [
      'hosts.a.ssh_port: expected integer, got string ("22"); write 22 without quotes',
      'hosts: { a: { address: b, user: u, ssh_port: "22" } }',
    ],
    [
      'hosts.a.ssh_port: 0 is out of range; choose from 1 to 65535',
      'hosts: { a: { address: b, user: u, ssh_port: 0 } }',
    ],
    ['hosts.a.user: expected string, got number (1000); quote it: "1000"', 'hosts: { a: { address: b, user: 1000 } }'],
    [
      'hosts.a.user: "Root User" is not allowed; use the login name: lower-case letters, digits, dashes or underscores, at most 32',
      'hosts: { a: { address: b, user: Root User } }',
    ],
    [
      'hosts: the name "Spark 1" is not allowed; use lower-case letters, digits, dots, dashes or underscores, at most 64, beginning with a letter or digit',
      'hosts: { Spark 1: { address: b, user: u } }',
    ],
    [
      'hosts.a.launcher: "~/x/../y" is not allowed; write an absolute path or one that begins with ~/, without ".."',
      'hosts: { a: { address: b, user: u, launcher: ~/x/../y } }',
    ],
    [
      'hosts.a.launcher: "x\\ny" is not allowed; write an absolute path or one that begins with ~/, without ".."',
      'hosts: { a: { address: b, user: u, launcher: "x\\ny" } }',
    ],
    [
      'hosts.a.address: "spark.local" ends in .local; names ending in .local cannot be resolved from a container; use the IP address',
      'hosts: { a: { address: spark.local, user: u } }',
    ],
    [
      'hosts.a.fabric: "fe80::1" is an IPv6 address; vLLM and its neighbours bind IPv4 only; use the IPv4 address',
      'hosts: { a: { address: b, user: u, fabric: "fe80::1" } }',
    ],
    [
      'hosts.b.address: host a has the same address (192.0.2.1:22); give each Spark its own address, or remove one',
      'hosts: { a: { address: 192.0.2.1, user: u }, b: { address: 192.0.2.1, user: u } }',
    ],
    ['demo: expected boolean, got string ("yes"); write true or false', `${hosts}demo: yes`],
    [
      'name: "a\\u001b[31m" is not allowed; write one line of text without control characters',
      `${hosts}name: "a\\e[31m"`,
    ],
    [
      'guard.allowed_hosts.0: "http://x" is not allowed; write the name alone, without http:// and without a port',
      `${hosts}guard: { allowed_hosts: ["http://x"] }`,
    ],
  ])('%s', assertError)

  test.each<[string, string]>([
    ['services.s: "kind" is missing; add kind: what kind of service this is', '{ host: a }'],
    [
      'services.s.kind: "vlm" is not one of vllm, http, bot; did you mean "vllm"?',
      '{ kind: vlm, host: a, routes: [] }',
    ],
    ['services.s: unknown key "prot"; did you mean "port"?', '{ kind: vllm, host: a, prot: 1 }'],
    [
      'services.s: unknown key "routes"; known keys: kind, host, hosts, port, container, title, model, offers, hidden, disabled, user, limits, served_model_name, master_port',
      '{ kind: vllm, host: a, routes: [] }',
    ],
    ['services.s: unknown key "hosts"; did you mean "host"?', '{ kind: http, hosts: [a], port: 1 }'],
    ['services.s: "port" is missing; add port: port on the (head) host', '{ kind: http, host: a }'],
    ['services.s.port: is blank; kind http has no default port; fill it in', '{ kind: http, host: a, port: }'],
    ['services.s: "host" is missing; add host: a or b', '{ kind: vllm }'],
    ['services.s.hosts: "host" is set too; keep one of the two', '{ kind: vllm, host: a, hosts: [b] }'],
    ['services.s.hosts: is empty; give at least 1', '{ kind: vllm, hosts: [] }'],
    ['services.s.hosts.1: names one thing twice; remove one of the two', '{ kind: vllm, hosts: [a, a] }'],
    ['services.s.host: there is no host "c"; known hosts: a, b', '{ kind: vllm, host: c }'],
    ['services.s.hosts.1: there is no host "bb"; did you mean "b"?', '{ kind: vllm, hosts: [a, bb] }'],
    [
      'services.s.container: "-x" is not allowed; use the name that `docker ps` shows: letters, digits, dots, dashes or underscores',
      '{ kind: vllm, host: a, container: -x }',
    ],
    [
      'services.s.offers.0: "embeddings" is not one of chat, vision, reasoning, tools, stt, diarize, tts, embed, rerank; choose from: chat, vision, reasoning, tools, stt, diarize, tts, embed, rerank',
      '{ kind: vllm, host: a, offers: [embeddings] }',
    ],
    [
      'services.s.limits: unknown key "concurency"; did you mean "concurrency"?',
      '{ kind: vllm, host: a, limits: { concurency: 1 } }',
    ],
    [
      'services.s.routes.0: "path" is missing; add path',
      '{ kind: http, host: a, port: 1, routes: [ { method: GET } ] }',
    ],
    [
      'services.s.model: "chat" is a capability; use the full model name',
      '{ kind: http, host: a, port: 1, model: chat }',
    ],
  ])('%s', (finding, service) => {
    assertError(finding, `${hosts}services: { s: ${service} }`)
  })

  test('what nobody replaced is no error but a placeholder that says which Spark and what', () => {
    const { cluster, findings } = load(`hosts:
  spark-1: { address: <spark-1-ip>, user: <spark-user> }
  spark-2: { address: <spark-2-ip>, user: spark, fabric: <spark-2-fabric-ip> }
services: { s: { kind: vllm, host: spark-1, user: <user> } }
`)
    expect(cluster).toBeNull()
    expect(findings.every(({ severity }) => severity === 'placeholder')).toBe(true)
    expect(findings.map(formatFinding)).toEqual([
      'x.yaml:2:23: hosts.spark-1.address: still a placeholder; put the address of your first Spark here',
      'x.yaml:2:43: hosts.spark-1.user: still a placeholder; put your user name on your first Spark here',
      'x.yaml:3:23: hosts.spark-2.address: still a placeholder; put the address of your second Spark here',
      'x.yaml:3:58: hosts.spark-2.fabric: still a placeholder; put the fast-link address of your second Spark here',
      'x.yaml:4:51: services.s.user: still a placeholder; put the user name of this service here',
    ])
  })

  test('one look shows every mistake, in the order of the file', () => {
    expect(
      lines(`hosts:
  a: { address: spark.local, usr: spark, user: spark }
  b: { address: <spark-2-ip>, user: spark }
services:
  llm: { kind: vllm, host: c, prot: 1 }
  x: { kind: http, host: b, port: 8888 }
  y: { kind: http, host: b, port: 8888 }
aliases: { best: nothing }
`),
    ).toEqual([
      'x.yaml:2:17: hosts.a.address: "spark.local" ends in .local; names ending in .local cannot be resolved from a container; use the IP address',
      'x.yaml:2:30: hosts.a: unknown key "usr"; did you mean "user"?',
      'x.yaml:3:17: hosts.b.address: still a placeholder; put the address of your second Spark here',
      'x.yaml:5:28: services.llm.host: there is no host "c"; known hosts: a, b',
      'x.yaml:5:31: services.llm: unknown key "prot"; did you mean "port"?',
      'x.yaml:7:35: services.y.port: service x has port 8888 on the same host; give one of them another port, or disable one',
      'x.yaml:8:18: aliases.best: no recipe, repo, service model or capability is called "nothing"; name one of these',
    ])
  })

  test('never throws, whatever YAML it is given, and a cluster comes without an error', () => {
    const key = fc.constantFrom(
      'hosts',
      'services',
      'aliases',
      'guard',
      'ssh',
      'name',
      'a',
      'address',
      'user',
      'kind',
      'host',
      'port',
      'key',
    )
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom(null, true, 'a', 'vllm', 'http', '<x>', '192.0.2.1'),
    )
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('node'), { maxLength: 3 }), tie('map')),
      map: fc.dictionary(key, tie('node'), { maxKeys: 4 }),
    }))
    fc.assert(
      fc.property(tree.map, (value) => {
        const { cluster, findings } = load(JSON.stringify(value))
        expect(cluster === null).toBe(findings.some(({ severity }) => severity !== 'note'))
      }),
      { numRuns: 1000 },
    )
  })
})
