import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { BLOCK, type Envelope } from './envelope.ts'

/** Rounds of PBKDF2, and the lengths of what it makes, in bytes: ansible-vault's, fixed by its format. */
const ROUNDS = 10_000
const KEY = 32
const COUNTER = 16
const SALT = 32

/** The plain bytes; undefined where the password is another one, or the text was changed: nothing is decrypted then. */
export function decrypt({ salt, hmac, ciphertext }: Envelope, password: Buffer): Buffer | undefined {
  const { cipherKey, hmacKey, counter } = keysOf(password, salt)
  if (!timingSafeEqual(createHmac('sha256', hmacKey).update(ciphertext).digest(), hmac)) return undefined
  const cipher = createDecipheriv('aes-256-ctr', cipherKey, counter)
  return withoutPadding(Buffer.concat([cipher.update(ciphertext), cipher.final()]))
}

/** @param salt where the same text is to come out each time */
export function encrypt(
  plain: Buffer,
  password: Buffer,
  label?: string,
  salt: Buffer = randomBytes(SALT),
): Envelope {
  const { cipherKey, hmacKey, counter } = keysOf(password, salt)
  const cipher = createCipheriv('aes-256-ctr', cipherKey, counter)
  const ciphertext = Buffer.concat([cipher.update(padded(plain)), cipher.final()])
  return { label, salt, hmac: createHmac('sha256', hmacKey).update(ciphertext).digest(), ciphertext }
}

function keysOf(password: Buffer, salt: Buffer): { cipherKey: Buffer; hmacKey: Buffer; counter: Buffer } {
  const made = pbkdf2Sync(password, salt, ROUNDS, KEY + KEY + COUNTER, 'sha256')
  return {
    cipherKey: made.subarray(0, KEY),
    hmacKey: made.subarray(KEY, KEY + KEY),
    counter: made.subarray(KEY + KEY),
  }
}

/** PKCS #7 (RFC 5652, 6.3): a counter mode needs none, but the format has it. */
function padded(plain: Buffer): Buffer {
  const count = BLOCK - (plain.length % BLOCK)
  return Buffer.concat([plain, Buffer.alloc(count, count)])
}

function withoutPadding(bytes: Buffer): Buffer | undefined {
  const count = bytes.at(-1) ?? 0
  const isPadding = count >= 1 && count <= BLOCK && bytes.subarray(-count).every((byte) => byte === count)
  return isPadding ? bytes.subarray(0, -count) : undefined
}
