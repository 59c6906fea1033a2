/** What a resident process says: its kind, which question or stream it is about, and its bytes. */
export interface Frame {
  kind: string
  number: number
  data: Buffer
}

/** A line `KIND NUMBER LENGTH`, then so many bytes. */
export function frame(kind: string, number: number, data: Buffer | string = ''): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  return Buffer.concat([Buffer.from(`${kind} ${number} ${bytes.length}\n`), bytes])
}

/** Cuts what comes into frames, wherever it was cut on its way. */
export class Frames {
  #parts: Buffer[] = []
  #length = 0
  /** Bytes without which there is no use in looking again. */
  #wanted = 1

  constructor(private readonly onFrame: (frame: Frame) => void) {}

  push(part: Buffer): void {
    this.#parts.push(part)
    this.#length += part.length
    if (this.#length < this.#wanted) return
    let rest = this.#parts.length === 1 ? part : Buffer.concat(this.#parts)
    this.#wanted = 1
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const [kind, number, length] = rest.toString('latin1', 0, end).split(' ') as [string, string, string]
      const whole = end + 1 + Number(length)
      if (rest.length < whole) {
        this.#wanted = whole
        break
      }
      this.onFrame({ kind, number: Number(number), data: rest.subarray(end + 1, whole) })
      rest = rest.subarray(whole)
    }
    this.#parts = rest.length > 0 ? [rest] : []
    this.#length = rest.length
  }
}
