import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { saslprep } from './saslprep.ts'

/** PostgreSQL's default, which `scram_iterations` changes from version 16 on. */
export const SCRAM_ITERATIONS = 4096
/** bytes, as PostgreSQL makes them */
export const SCRAM_SALT_LENGTH = 16

/**
 * The secret that PostgreSQL stores for a password (RFC 5803, pg_authid.rolpassword):
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. Sent in place of the password, it keeps the clear text
 * from the server and its log.
 */
export async function scramSecret(
  password: string,
  salt: Buffer,
  iterations = SCRAM_ITERATIONS,
): Promise<string> {
  const salted = await derive(saslprep(password), salt, iterations)
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** Whether a stored secret is that of `password`. Secrets of another kind (md5, none) never are. */
export async function verifyScram(secret: string | null, password: string): Promise<boolean> {
  const match = SECRET.exec(secret ?? '')
  if (!match) return false
  const wanted = await scramSecret(password, Buffer.from(match[2]!, 'base64'), Number(match[1]))
  return wanted.length === secret!.length && timingSafeEqual(Buffer.from(wanted), Buffer.from(secret!))
}

/** Whether the text is a SCRAM secret itself, which PostgreSQL stores as it is. */
export const isScramSecret = (text: string): boolean => SECRET.test(text)

const SECRET = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Off the event loop: it takes milliseconds, by design. */
const derive = (password: string, salt: Buffer, iterations: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, 32, 'sha256', (error, key) => (error ? reject(error) : resolve(key)))
  })

/** What the server takes for a password's MD5 hash that is stored as it is (get_password_type in crypt.c). */
export const isMd5Hash = (text: string): boolean => /^md5[0-9a-f]{32}$/.test(text)
