import type { Writable } from 'node:stream'

/**
 * Collects text and writes it in one piece every few milliseconds, and not before the reader took the last piece.
 * A reader that went away (`play … | head`) ends the writing, not the run.
 */
export class Output {
  #pending: string[] = []
  #scheduled: NodeJS.Timeout | undefined
  #blocked = false
  #broken = false
  #settled: (() => void)[] = []

  constructor(readonly out: Writable) {
    out.on('error', () => {
      this.#broken = true
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

  /** Resolves once the reader has all of it, or is gone. */
  async close(): Promise<void> {
    this.#flush()
    while (!this.#broken && (this.#blocked || this.#pending.length > 0)) {
      await new Promise<void>((resolve) => this.#settled.push(resolve))
    }
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

/** ms: too short to be seen, and a run of many tasks writes a tenth as often. */
const PAUSE = 10
