import { hash } from 'node:crypto'

/** Rounds between two yields: some milliseconds. */
const TURN = 5000
const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Which bytes make four digits, in which order: the first of three, and by how many places each next one is turned. */
const KINDS = {
  sha512: { size: 64, third: 21, turn: 1 },
  sha256: { size: 32, third: 10, turn: 2 },
} as const

/**
 * The digest of a password as crypt(3) has it for $5$ and $6$ (Ulrich Drepper, Unix crypt using SHA-256 and SHA-512), without what
 * stands before it. Yields now and then, since it takes its time by intention.
 */
export function* shaCrypt(
  kind: keyof typeof KINDS,
  password: string,
  saltText: string,
  rounds: number,
): Generator<undefined, string> {
  const { size } = KINDS[kind]
  const digest = (...parts: Buffer[]): Buffer => hash(kind, Buffer.concat(parts), 'buffer')
  const key = Buffer.from(password)
  const salt = Buffer.from(saltText)
  const alternate = digest(key, salt, key)
  const first = [key, salt, stretched(alternate, key.length)]
  for (let bits = key.length; bits > 0; bits >>= 1) first.push(bits & 1 ? alternate : key)
  let made = digest(...first)
  const p = stretched(digest(...Array<Buffer>(key.length).fill(key)), key.length)
  const s = stretched(digest(...Array<Buffer>(16 + made[0]!).fill(salt)), salt.length)
  // What is hashed in a round is one of 42 texts, with the digest at its start or its end.
  const shapes = Array.from({ length: 42 }, (_, round) => {
    const middle = Buffer.concat([...(round % 3 ? [s] : []), ...(round % 7 ? [p] : [])])
    const text = round % 2 ? [p, middle, Buffer.alloc(size)] : [Buffer.alloc(size), middle, p]
    return { text: Buffer.concat(text), at: round % 2 ? p.length + middle.length : 0 }
  })
  for (let round = 0; round < rounds; round++) {
    const { text, at } = shapes[round % 42]!
    made.copy(text, at)
    made = hash(kind, text, 'buffer')
    if (round % TURN === TURN - 1) yield
  }
  return written(kind, made)
}

function stretched(bytes: Buffer, length: number): Buffer {
  const made = Buffer.alloc(length)
  for (let at = 0; at < length; at += bytes.length) bytes.copy(made, at)
  return made
}

function written(kind: keyof typeof KINDS, bytes: Buffer): string {
  const { third, turn } = KINDS[kind]
  let text = ''
  for (let index = 0; index < third; index++) {
    const places = [index, index + third, index + 2 * third]
    const [a, b, c] = [0, 1, 2].map((place) => bytes[places[(place + index * turn) % 3]!]!)
    text += digits((a! << 16) | (b! << 8) | c!, 4)
  }
  return text + (kind === 'sha512' ? digits(bytes[63]!, 2) : digits((bytes[31]! << 8) | bytes[30]!, 3))
}

function digits(number: number, count: number): string {
  let text = ''
  for (let index = 0; index < count; index++) text += DIGITS[(number >> (6 * index)) & 63]
  return text
}

/** Characters of a salt. */
export const SALT_DIGITS = DIGITS
