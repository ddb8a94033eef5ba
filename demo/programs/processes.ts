import { basename } from 'node:path'
import { type HostProcess, processesOf, signal } from '../machine/processes'

// `ps`, `pgrep`, `pkill` and `killall` of a Spark or of a container: the real ones would show, and end, what runs on
// the machine that plays the Sparks.
const [name = 'ps', ...argv] = process.argv.slice(2)
const directory = process.env.SPARK_SIM_DIR ?? ''
const container = process.env.SPARK_SIM_CONTAINER || undefined
const all = processesOf({ directory, container }).filter(
  (one) => one.pid !== process.pid && one.program !== 'shim' && one.program !== 'processes',
)

if (name === 'ps') ps()
else if (name === 'pgrep')
  found(matching(), (one) => console.log(argv.includes('-a') ? `${one.pid} ${one.args.join(' ')}` : one.pid))
else found(matching(), (one) => signal(one.pid, signalName()))

function ps() {
  const text = argv.join(' ')
  const asked = /-?[a-z]*o[ =]*([a-z=,% ]+)$/i.exec(text)?.[1]
  const columns = asked ? asked.split(/[,\s]+/).map((column) => column.replace(/=.*$/, '')) : ['pid', 'etimes', 'args']
  const only = /-p ?(\d+)/.exec(text)?.[1]
  if (!/--no-headers|=/.test(text)) console.log(columns.map((column) => column.toUpperCase()).join(' '))
  for (const one of all.filter((each) => !only || each.pid === Number(only))) {
    const cells: Record<string, string | number> = {
      user: container ? 'root' : 'spark',
      pid: one.pid,
      ppid: one.parent,
      pgid: one.group,
      etimes: Math.floor(one.age),
      comm: basename(one.args[0] ?? ''),
    }
    console.log(columns.map((column) => cells[column] ?? one.args.join(' ')).join(' '))
  }
}

/** -f matches the whole command line, else the program's name; -x wants it whole. */
function matching(): HostProcess[] {
  const pattern = argv.findLast((word) => !word.startsWith('-')) ?? ''
  const short = argv.filter((word) => /^-[a-z]+$/.test(word)).join('')
  const exact = name === 'killall' || short.includes('x')
  const expression = new RegExp(exact ? `^(?:${pattern})$` : pattern)
  return all.filter((one) => expression.test(short.includes('f') ? one.args.join(' ') : basename(one.args[0] ?? '')))
}

function found(which: HostProcess[], act: (one: HostProcess) => unknown) {
  for (const one of which) act(one)
  process.exitCode = which.length > 0 ? 0 : 1
}

function signalName(): NodeJS.Signals {
  const given = argv.find((word) => /^-(SIG)?[A-Z0-9]+$/.test(word))?.slice(1) ?? 'TERM'
  const numbered: Record<string, NodeJS.Signals> = { '1': 'SIGHUP', '2': 'SIGINT', '9': 'SIGKILL', '15': 'SIGTERM' }
  return numbered[given] ?? (given.replace(/^(SIG)?/, 'SIG') as NodeJS.Signals)
}
