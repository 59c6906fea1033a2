import { StringDecoder } from 'node:string_decoder'
import type { Output } from '../../contract/host.ts'
import { PlayError } from '../errors.ts'

/** What a command may say where all of it is wanted: beyond this many bytes it is an error, never cut unseen. */
export const MOST_WHOLE = 256 * 1024 * 1024

/** Bytes at either side of the gap that are given up for it to begin and end with a line. */
const LONGEST_LINE = 64 * 1024

/**
 * One stream of one command, in bounded memory however much comes: all of it, or its head and its tail.
 * @param most bytes to keep, half of them from the end; all, up to MOST_WHOLE, when left out
 */
export class Kept {
  /** Bytes that came. */
  total = 0
  private readonly head: Buffer[] = []
  private headLength = 0
  /** The last bytes, as a ring. */
  private ring: Buffer | undefined
  private ringAt = 0
  private ringLength = 0

  constructor(private readonly most?: number) {}

  push(part: Buffer): void {
    this.total += part.length
    const room = (this.most === undefined ? MOST_WHOLE : Math.ceil(this.most / 2)) - this.headLength
    const first = part.subarray(0, room)
    if (first.length > 0) {
      this.head.push(first)
      this.headLength += first.length
    }
    if (part.length > room && this.most !== undefined) this.pushTail(part.subarray(room))
    if (this.isTooMuch) this.head.length = 0
  }

  /** All of it was wanted, and it is more than can be held. */
  get isTooMuch(): boolean {
    return this.most === undefined && this.total > MOST_WHOLE
  }

  /** The text, and how many of its bytes were left out in the middle, where a line says so. */
  text(): { text: string; cut: number } {
    const head = this.bytes()
    const tail = this.tail()
    if (this.total === head.length + tail.length)
      return { text: Buffer.concat([head, tail]).toString(), cut: 0 }
    const before = wholeLines(head, 'head')
    const after = wholeLines(tail, 'tail')
    const cut = this.total - before.length - after.length
    const gap = `[… ${cut} bytes left out …]\n`
    // Characters of several bytes are not cut either.
    const begin = new StringDecoder('utf8').write(before)
    return { text: `${begin}${begin.endsWith('\n') ? '' : '\n'}${gap}${after.toString()}`, cut }
  }

  /** What came first. */
  bytes(): Buffer {
    return this.head.length === 1 ? this.head[0]! : Buffer.concat(this.head)
  }

  private pushTail(part: Buffer): void {
    this.ring ??= Buffer.alloc(Math.floor(this.most! / 2))
    const last = part.subarray(Math.max(0, part.length - this.ring.length))
    const first = last.subarray(0, this.ring.length - this.ringAt)
    first.copy(this.ring, this.ringAt)
    last.copy(this.ring, 0, first.length)
    this.ringAt = (this.ringAt + last.length) % Math.max(1, this.ring.length)
    this.ringLength = Math.min(this.ring.length, this.ringLength + last.length)
  }

  private tail(): Buffer {
    if (!this.ring) return Buffer.alloc(0)
    if (this.ringLength < this.ring.length) return this.ring.subarray(0, this.ringLength)
    return Buffer.concat([this.ring.subarray(this.ringAt), this.ring.subarray(0, this.ringAt)])
  }
}

/** Without the line that the cut goes through: half a secret would not be known for one. A very long line is cut. */
function wholeLines(bytes: Buffer, side: 'head' | 'tail'): Buffer {
  if (side === 'head') {
    const end = bytes.lastIndexOf(10)
    return end >= bytes.length - LONGEST_LINE && end >= 0 ? bytes.subarray(0, end + 1) : bytes
  }
  const end = bytes.indexOf(10)
  if (end >= 0 && end < LONGEST_LINE) return bytes.subarray(end + 1)
  let start = 0
  while (start < 3 && (bytes[start]! & 0xc0) === 0x80) start += 1
  return bytes.subarray(start)
}

/**
 * What a command answers. @param said both streams
 * @throws {PlayError} task, where all of it was wanted and it is more than can be held
 */
export function outputOf(code: number, said: { stdout: Kept; stderr: Kept }): Output {
  for (const name of ['stdout', 'stderr'] as const)
    if (said[name].isTooMuch)
      throw new PlayError(
        'task',
        `a command ended with code ${code} and said ${said[name].total} bytes on ${name}; what is read as a whole may have ${MOST_WHOLE}`,
      )
  const [stdout, stderr] = [said.stdout.text(), said.stderr.text()]
  const output = { code, stdout: stdout.text, stderr: stderr.text }
  return stdout.cut + stderr.cut === 0
    ? output
    : { ...output, cut: { stdout: stdout.cut, stderr: stderr.cut } }
}
