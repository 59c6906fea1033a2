import { setTimeout as pause } from 'node:timers/promises'
import { PlayError } from '../errors.ts'
import type { Holder, LockAnswer } from '../hosts/keeper.ts'
import type { Connection, Reach } from '../hosts/types.ts'
import type { Event } from '../report/events.ts'

export interface LockOptions {
  holder: Holder
  /** Seconds to wait for a run that holds a machine. */
  wait: number
  connect: (name: string, reach?: Reach) => Promise<Connection>
  emit: (event: Event) => void
}

type Busy = Extract<LockAnswer, { state: 'busy' }>

/** Seconds that a run which is ending, or is not heard of any more, is waited for whatever the user says. */
const ENDING = 40
/** ms between two tries: at least, and how much more by chance, so that two that wait do not meet for ever. */
const PAUSE = 250

/**
 * The locks of a run, one for each machine. All that can be foretold are taken before the first read; none is kept
 * while others are waited for, so that two runs never wait for each other.
 */
export class Locks {
  /** Why the run must not go on: a lock of it is gone. */
  lost: string | undefined
  /** By host, and by connection: a machine that is reached in another way, or another machine, has another. */
  readonly #held = new Map<string | Connection, Promise<boolean>>()
  constructor(readonly options: LockOptions) {}

  /** @param wishes host → the user to take it as @throws {PlayError} code 'lock', naming who holds which */
  async takeAll(wishes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const began = Date.now()
    for (let told = false; ; ) {
      const busy = new Map<string, Busy>()
      await Promise.all(
        [...wishes].map(async ([name, as]) => {
          if (this.#held.has(name)) return
          const connection = await this.#connect(name)
          const answer = connection && (await this.#try(name, as, connection))
          if (answer?.state === 'busy') busy.set(name, answer)
          else if (answer)
            for (const key of [name, connection])
              this.#held.set(key, Promise.resolve(answer.state === 'held'))
        }),
      )
      if (busy.size === 0) return
      const seconds = (Date.now() - began) / 1000
      const isEnding = [...busy.values()].every(({ ending }) => ending)
      if (seconds >= this.options.wait && !(isEnding && seconds < ENDING)) throw heldBy(busy)
      await this.#letGo()
      if (!told) this.options.emit({ event: 'warning', message: `waiting: ${heldBy(busy).message}` })
      told = true
      await pause(PAUSE + Math.random() * PAUSE)
    }
  }

  /**
   * Of a host that becomes known only now: tried, never waited for, since others are held.
   * @param reach how it is reached, where that is not as its play says
   * @returns whether it was taken by this call: what was read there before is to be read again
   * @throws {PlayError} code 'lock'
   */
  async take(name: string, as: string | undefined, reach?: Reach): Promise<boolean> {
    const key = (reach && (await this.#connect(name, reach))) ?? name
    const known = this.#held.get(key)
    if (known) {
      await known
      return false
    }
    const taking = (async () => {
      const connection = typeof key === 'string' ? await this.#connect(name) : key
      const answer = connection && (await this.#try(name, as, connection))
      if (answer?.state === 'busy') throw heldBy(new Map([[name, answer]]))
      return answer?.state === 'held'
    })()
    this.#held.set(key, taking)
    taking.catch(() => this.#held.delete(key))
    return taking
  }

  /** @throws {PlayError} code 'lock' where one was lost: nothing more may be changed anywhere */
  requireAll(): void {
    if (this.lost !== undefined) throw new PlayError('lock', this.lost)
  }

  /** undefined: it cannot be reached, which is told when a task comes to it. */
  #connect = (name: string, reach?: Reach): Promise<Connection | undefined> =>
    this.options.connect(name, reach).catch(() => undefined)

  async #try(name: string, as: string | undefined, connection: Connection): Promise<LockAnswer> {
    const answer = await connection.lock(this.options.holder, as, () => {
      this.lost ??= `the lock on ${name} was lost (its keeper there was killed), so that another run may be at work: this one ends`
      this.options.emit({ event: 'warning', message: this.lost })
    })
    if (answer.state === 'none' && connection.spec.kind !== 'local')
      this.options.emit({ event: 'warning', host: name, message: `it is not locked: ${answer.why}` })
    return answer
  }

  async #letGo(): Promise<void> {
    const connections = [...this.#held.keys()].filter((key) => typeof key !== 'string')
    this.#held.clear()
    await Promise.all(connections.map((connection) => connection.unlock()))
  }
}

/** What to say of hosts that are taken. */
export function heldBy(busy: ReadonlyMap<string, Busy>): PlayError {
  const names = [...busy.keys()].sort()
  const holders = [...busy.values()].map(({ holder }) => holder)
  const [one] = holders
  const isOne = one && holders.every((other) => other?.run === one.run)
  const left = [...busy.values()].some(({ processes }) => processes.length > 0)
  const foreign = [...busy.values()].flatMap(({ others = [] }) => others)
  const isForeign = foreign.length > 0
  const nobody = left
    ? 'what an earlier run left'
    : isForeign
      ? `process ${foreign[0]}, which is no run of play`
      : 'a process that does not say whose it is'
  const who = isOne ? describeHolder(one) : one ? 'other runs' : nobody
  const details = names.flatMap((name) => {
    const { holder, processes, others = [] } = busy.get(name)!
    return [
      ...(isOne || !holder ? [] : [`${name}: ${describeHolder(holder)}`]),
      ...processes.map((line) => `${name}: still runs: process ${line.trim()}`),
      ...others.map((line) => `${name}: process ${line.trim()}`),
    ]
  })
  return new PlayError('lock', `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} held by ${who}`, {
    hint: isForeign
      ? 'Any user of a host may take its lock, /run/play/lock: look what that process is, and end it (`kill` as root there).'
      : 'Let it end: --wait-for-lock SECONDS waits for that. --check and `play status` need no lock.',
    details,
  })
}

/** `playbooks/site.yaml, run by dba@bastion (process 4711), since 2026-11-29 01:02:03 UTC` */
export const describeHolder = ({ what, user, host, pid, since }: Holder): string =>
  `${what}, run by ${user}@${host} (process ${pid}), since ${since.slice(0, 19).replace('T', ' ')} UTC`
