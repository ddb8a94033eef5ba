import type { Controller } from './controller'
import type { Ledger } from './ledger'
import type { Spark } from './spark'
import type { World } from './world'

/** What goes wrong by itself, whatever the controllers do. */
export interface Faults {
  /** One more, drawn. */
  next(): void
  /** Everything is well again. */
  heal(): void
  /** How often each kind came. */
  readonly counts: Map<string, number>
}

/** Draws faults of Sparks, of the ways to them and of controllers. */
export function faults(controllers: Controller[], ledger: Ledger, world: World): Faults {
  const { time, sparks, trace } = world
  const draw = world.random.fork('faults')
  const counts = new Map<string, number>()
  const copies = new Map<Controller, Buffer>()
  const aSpark = () => draw.pick([...sparks.values()])
  const aController = () => draw.pick(controllers)

  const kinds: Record<string, () => void> = {
    kill: () => aController().program?.life.kill('a fault'),
    'kill twice'() {
      const target = aController()
      target.program?.life.kill('a fault')
      time.after(draw.int(200, 70_000), () => target.program?.life.kill('a fault'))
    },
    'link lost'() {
      const { lines } = aController()
      const id = draw.pick([...lines.keys()])
      const ms = draw.chance(0.7) ? draw.int(1000, 30_000) : draw.int(30_000, 900_000)
      trace.add(`the link to ${id} is lost for ${ms} ms`)
      lines.get(id)?.cut(ms)
    },
    'host restarts'() {
      ledger.disturbed()
      const downS = draw.int(20, 240)
      aSpark().reboot(downS)
      time.after(downS * 1000, ledger.disturbed)
    },
    'stop ignored': () => forAWhile(aSpark(), 'ignoresStop', draw.int(10_000, 200_000)),
    'memory kept': () => forAWhile(aSpark(), 'keepsMemory', draw.int(20_000, 400_000)),
    'image gone': () => forAWhile(aSpark(), 'noImage', draw.int(10_000, 200_000)),
    'container lost'() {
      const spark = aSpark()
      const [container] = spark.containers.all()
      if (!container) return
      ledger.disturbed()
      spark.containers.remove(container.name)
    },
    'disk full'() {
      const { disk, name } = aController()
      disk.full = true
      trace.add(`${name} disk is full`)
      time.after(draw.int(2000, 120_000), () => {
        disk.full = false
      })
    },
    'clock set'() {
      const target = aController()
      target.clockSet += draw.pick([-3600_000, 3600_000])
      // Over a kill the lock has nothing but the wall clock to go by.
      ledger.released(target)
      trace.add(`${target.name} clock is set by ${target.clockSet / 3600_000} h`)
    },
    'backup restored'() {
      const target = aController()
      const copy = copies.get(target)
      copies.set(target, target.disk.copy())
      if (!copy) return
      target.program?.life.kill('a restore')
      trace.add(`${target.name} gets a backup back`)
      target.disk.restore(copy)
      ledger.restored(target)
    },
    'program restarted'() {
      const program = aController().program
      if (!program) return
      trace.add(`${program.life.name} is asked to end`)
      void program.arbiter.close().then(() => program.life.kill('it ended'))
      // Whoever runs it gives it so long.
      time.after(10_000, () => program.life.kill('it did not end'))
    },
  }
  const names = Object.keys(kinds)

  function forAWhile({ host, faults: on }: Spark, name: keyof Spark['faults'], ms: number) {
    on[name] = true
    trace.add(`${host.id} ${name} for ${ms} ms`)
    time.after(ms, () => {
      on[name] = false
    })
  }

  return {
    next() {
      const name = draw.pick(names)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      kinds[name]?.()
    },
    heal() {
      trace.add('all is well again')
      for (const { faults: on } of sparks.values())
        Object.assign(on, { ignoresStop: false, keepsMemory: false, noImage: false })
      for (const { disk } of controllers) disk.full = false
    },
    counts,
  }
}
