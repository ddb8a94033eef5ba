import type { HostLayout } from './layout'
import type { DemoPorts } from './places'

/** The spark.config.yaml of a simulated cluster; the http services stand on its second host, or on the only one. */
export function demoConfiguration(hosts: HostLayout[], ports: DemoPorts, key: string, bot: boolean): string {
  const second = (hosts[1] ?? hosts[0])?.id ?? ''
  const entries = hosts.map(
    ({ id, address, sshPort, fabric }, index) =>
      `  ${id}: { address: ${address}, ssh_port: ${sshPort}, user: spark, launcher: ~/spark-vllm-docker, fabric: ${fabric}${index === 0 ? ', models: [~/models]' : ''} }`,
  )
  return `# Written by the demo: simulated Sparks, nothing here is real.
name: demo
demo: true
ssh: { key: ${JSON.stringify(key)} }
models: { hub: "${hosts[0]?.hub}", token: HF_TOKEN }
hosts:
${entries.join('\n')}
services:
  llm: { kind: vllm, hosts: [${hosts.map(({ id }) => id).join(', ')}], port: ${ports.llm}, container: vllm_node }
  embed:
    kind: http
    host: ${second}
    port: ${ports.embed}
    container: bge-m3
    title: Embeddings
    model: BAAI/bge-m3
    offers: [embed]
    probe: { path: /health }
    routes: [{ method: POST, path: /v1/embeddings, to: /v1/embeddings, timeout: 60s }]
    facts: [{ label: Embedded, path: /stats, from: /embedded, unit: texts }]
  comfy:
    kind: http
    host: ${second}
    port: ${ports.comfy}
    container: comfyui
    title: ComfyUI
    probe: { path: /system_stats }
    routes: [{ method: POST, path: /v1/images, to: /prompt, timeout: 120s }]
    facts: [{ label: Queue, path: /prompt, from: /exec_info/queue_remaining, unit: jobs }]
${bot ? botService(second) : '  # No bot: there is no git on this machine.\n'}`
}

function botService(host: string): string {
  return `  bot:
    kind: bot
    host: ${host}
    title: Bot
    user: bot
    folder: ~/bot
    container: bot
`
}
