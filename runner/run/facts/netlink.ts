/** A message of rtnetlink(7): its fixed part, and its attributes. */
export interface Message {
  type: number
  head: Reader
  attributes: Reader
}

/** Numbers in the byte order of the host. */
export class Reader {
  constructor(
    readonly bytes: Buffer,
    readonly isBig: boolean,
  ) {}

  byte = (at: number): number => this.bytes[at]!
  short = (at: number): number => (this.isBig ? this.bytes.readUInt16BE(at) : this.bytes.readUInt16LE(at))
  long = (at = 0): number => (this.isBig ? this.bytes.readUInt32BE(at) : this.bytes.readUInt32LE(at))
  /** Up to its NUL. */
  text = (): string => this.bytes.toString('utf8', 0, this.bytes.indexOf(0))
  part = (from: number, to?: number): Reader => new Reader(this.bytes.subarray(from, to), this.isBig)

  /** Of attributes one behind the other, each at a multiple of 4, the one of a number: most are never asked for. */
  attribute(number: number): Reader | undefined {
    for (let at = 0; at + 4 <= this.bytes.length; ) {
      const length = this.short(at)
      if (length < 4) return undefined
      if ((this.short(at + 2) & 0x3fff) === number) return this.part(at + 4, at + length)
      at += (length + 3) & ~3
    }
    return undefined
  }
}

const HEADER = 16
/** linux/rtnetlink.h: RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, and how long their fixed part is. */
export const LINK = 16
export const ADDRESS = 20
export const ROUTE = 24
const FIXED = new Map([
  [LINK, 16],
  [ADDRESS, 8],
  [ROUTE, 12],
])

/** @param isBig whether the host has its highest byte first (s390x) */
export function messagesOf(bytes: Buffer, isBig: boolean): Message[] {
  const whole = new Reader(bytes, isBig)
  const found: Message[] = []
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = whole.long(at)
    if (length < HEADER) break
    const type = whole.short(at + 4)
    const fixed = FIXED.get(type)
    const body = whole.part(at + HEADER, at + length)
    if (fixed !== undefined) found.push({ type, head: body, attributes: body.part(fixed) })
    at += (length + 3) & ~3
  }
  return found
}
