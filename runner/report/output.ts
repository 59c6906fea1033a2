import type { Writable } from 'node:stream'
import { PlayError } from '../errors.ts'

/**
 * Collects text and writes it in one piece every few milliseconds, and not before the reader took the last piece.
 * A reader that went away (`play … | head`) ends the writing, not the run.
 */
export class Output {
  #pending: string[] = []
  #scheduled: NodeJS.Timeout | undefined
  #blocked = false
  #broken = false
  #failure: NodeJS.ErrnoException | undefined
  #settled: (() => void)[] = []

  constructor(readonly out: Writable) {
    out.on('error', (error: NodeJS.ErrnoException) => {
      this.#broken = true
      this.#failure = error
      this.#pending = []
      this.#settle()
    })
  }

  write(text: string): void {
    if (this.#broken || text === '') return
    this.#pending.push(text)
    if (this.#scheduled || this.#blocked) return
    this.#scheduled = setTimeout(() => this.#flush(), PAUSE)
  }

  /** Resolves once the reader has all of it, or is gone. @throws {PlayError} where it could not be written otherwise */
  async close(): Promise<void> {
    this.#flush()
    while (!this.#broken && (this.#blocked || this.#pending.length > 0)) {
      await new Promise<void>((resolve) => this.#settled.push(resolve))
    }
    // Nobody has read what was done: that is no success.
    if (this.#failure && this.#failure.code !== 'EPIPE')
      throw new PlayError('output', `what was done could not be written: ${this.#failure.message}`)
  }

  #flush(): void {
    clearTimeout(this.#scheduled)
    this.#scheduled = undefined
    if (this.#blocked || this.#broken || this.#pending.length === 0) return
    const text = this.#pending.join('')
    this.#pending = []
    this.#blocked = true
    this.out.write(text, () => {
      this.#blocked = false
      this.#flush()
      this.#settle()
    })
  }

  #settle(): void {
    const waiting = this.#settled
    this.#settled = []
    for (const resolve of waiting) resolve()
  }
}

/**
 * Writes one text to its end. Somebody who reads no further (`play … | head`) has what he wants.
 * @throws {PlayError} output
 */
export async function writeWhole(out: Writable, text: string | Buffer): Promise<void> {
  const failure = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    // It is told twice, and the second time it would end the program.
    out.on('error', resolve)
    out.write(text, (error) => {
      if (!error) out.off('error', resolve)
      resolve(error)
    })
  })
  if (failure && failure.code !== 'EPIPE')
    throw new PlayError('output', `what was asked for could not be written: ${failure.message}`)
}

/** ms: too short to be seen, and a run of many tasks writes a tenth as often. */
const PAUSE = 10
