import { Database, type Statement } from 'bun:sqlite'
import { migrate } from '../core/store/migrate'
import type { Store } from '../core/store/store'
import { Killed, type Life } from './life'

/** The one SQLite file of a controller; it outlives the runs of its program. */
export interface Disk {
  /** The store as one run of the program has it. */
  open(life: Life): Store
  /** The file as it is, past the program. */
  readonly real: Database
  /** Puts back what `copy` gave. */
  restore(copy: Buffer): void
  copy(): Buffer
  /** Nothing can be written until told otherwise. */
  full: boolean
}

const empty = template()

/** A fresh disk. */
export function disk(): Disk {
  let real = reopened(empty)
  const self: Disk = {
    open: (life) => opened(real, life, () => self.full),
    get real() {
      return real
    },
    restore(copy) {
      real = reopened(copy)
    },
    copy: () => real.serialize(),
    full: false,
  }
  return self
}

function reopened(copy: Buffer): Database {
  return Database.deserialize(copy, { strict: true })
}

function template(): Buffer {
  const store = new Database(':memory:', { strict: true })
  migrate(store)
  return store.serialize()
}

/** The store with its writes given over to fate. */
function opened(real: Database, life: Life, full: () => boolean): Store {
  const statements = new Map<string, Statement>()
  let inside = 0

  function write<T>(name: string, act: () => T): T {
    if (!life.alive) throw new Killed('killed')
    if (inside > 0) return act()
    if (full()) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
    const mishap = life.fate({ kind: 'write', name })
    if (mishap === 'killed-before' || mishap === 'killed-within') return die(name)
    if (mishap === 'fails' || mishap === 'throws')
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
    const result = act()
    if (mishap === 'killed-after' || mishap === 'reply-lost') return die(name)
    return result
  }

  function die(name: string): never {
    life.kill(name)
    throw new Killed(name)
  }

  function query(sql: string) {
    const known = statements.get(sql)
    if (known) return known
    const made = statementOf(sql)
    statements.set(sql, made)
    return made
  }

  function statementOf(sql: string): Statement {
    const statement = real.query(sql)
    if (!/^\s*(INSERT|UPDATE|DELETE|REPLACE)/i.test(sql)) return statement
    const name = sql.trim().split(/\s+/).slice(0, 3).join(' ')
    return new Proxy(statement, {
      get(target, key) {
        const value = Reflect.get(target, key, target)
        if (typeof value !== 'function') return value
        return (...words: unknown[]) => write(name, () => Reflect.apply(value, target, words))
      },
    })
  }

  function transaction(act: (...words: never[]) => unknown) {
    const whole = real.transaction(act)
    return (...words: never[]) =>
      write('transaction', () => {
        inside++
        try {
          return whole(...words)
        } finally {
          inside--
        }
      })
  }

  return new Proxy(real, {
    get(target, key) {
      if (key === 'query' || key === 'prepare') return query
      if (key === 'transaction') return transaction
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
