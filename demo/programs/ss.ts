import { list, read, target } from '../machine/files'
import { processesOf } from '../machine/processes'

// `ss -ltn [-H] [-p] [sport = :N]`: the ports that this Spark's processes and its sshd have really open, and none of the
// machine's other ones. What binds 0.0.0.0 on a Spark binds its address here. As there, -p names own processes only: a
// container's belong to root.
const LISTENING = '0A'
const directory = process.env.SPARK_SIM_DIR ?? ''
const argv = process.argv.slice(2)
const short = argv.filter((word) => /^-[a-zA-Z0-9]+$/.test(word)).join('')
const on = (letter: string, long: string) => short.includes(letter) || argv.includes(`--${long}`)
const only = /sport\s*=?=?\s*:(\d+)/.exec(argv.join(' '))?.[1]
const listening = on('l', 'listening') || on('a', 'all')
const tcp = on('t', 'tcp') || !on('u', 'udp')

if (!on('H', 'no-header')) print('State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process')
if (listening && tcp) {
  const named = on('p', 'processes')
  for (const { port, user } of listeners())
    if (only === undefined || port === Number(only))
      print('LISTEN', '0', '511', `0.0.0.0:${port}`, '0.0.0.0:*', named ? user : '')
}

/** By port, with who holds it where that may be known. */
function listeners(): { port: number; user: string }[] {
  const sshd = Number(/^ssh_port=(\d+)$/m.exec(read(`${directory}/addresses`))?.[1])
  const address = (process.env.SPARK_SIM_ADDRESS ?? '').split('.').toReversed()
  const near = address.map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0')).join('')
  const holders = users()
  return read('/proc/net/tcp')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && fields[1]?.startsWith(`${near}:`))
    .flatMap((fields) => {
      const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)
      const user = port === sshd ? '' : holders.get(fields[9] ?? '')
      return user === undefined ? [] : [{ port, user }]
    })
    .toSorted((a, b) => a.port - b.port)
}

/** Every socket that a process of this Spark holds, by inode; empty text for those in containers. */
function users(): Map<string, string> {
  return new Map(
    processesOf({ directory }).flatMap(({ pid, args, container }) =>
      list(`/proc/${pid}/fd`).flatMap((fd) => {
        const inode = /^socket:\[(\d+)\]$/.exec(target(`/proc/${pid}/fd/${fd}`))?.[1]
        const name = (args[0] ?? '').split('/').at(-1)
        return inode ? [[inode, container ? '' : `users:(("${name}",pid=${pid},fd=${fd}))`] as const] : []
      }),
    ),
  )
}

function print(state: string, received: string, sent: string, local: string, peer: string, owner: string) {
  const head = `${state.padEnd(7)}${received.padEnd(7)}${sent.padEnd(7)}`
  console.log(`${head}${local.padStart(20)} ${peer.padStart(20)} ${owner}`.trimEnd())
}
