import { createHmac, randomBytes, scrypt } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Unknown } from '../../contract/unknown.ts'
import { hashOfFile } from '../run/controller.ts'

const stretch = promisify<string, string, number, { N: number }, Buffer>(scrypt)

/** Tells whether something is the same as before, without saying what it is. */
export interface Digest {
  is: string
  /** A secret is in it: who has the plan shall not find it by trying. */
  secret: boolean
}

/** Each try takes 4 MiB, and some ten milliseconds (scrypt, RFC 7914): a plan may have hundreds of them. */
const COST = { N: 2 ** 12 }
/** Of those that are expensive to try. */
const SLOW = 'secret:'
/** In base64url: 128 bits. */
const LENGTH = 22

/** Digests under a plan's own key: HMAC-SHA-256, and for secrets scrypt above it. */
export class Digester {
  readonly #slow = new Map<string, Promise<string>>()

  /** @param hides as what a text is shown, for a secret may be in it @param key that of a plan */
  constructor(
    readonly hides: (text: string) => string,
    readonly key = randomBytes(32).toString('base64'),
  ) {}

  /** Of data as modules have it: texts, numbers, bytes, patterns, lists and mappings. */
  of(value: unknown): Digest {
    const text = textOf(value)
    return { is: this.#hmac(text), secret: this.hides(text) !== text || ownTextHides(value, this.hides) }
  }

  /** The same with what files of this machine hold that steps send, or sign with. */
  async withFiles(value: unknown): Promise<Digest> {
    const files = await Promise.all(
      filesIn(value).map((path) => hashOfFile('sha256', path).catch(() => 'none')),
    )
    return this.of([value, files])
  }

  /** As it stands in a plan. */
  async written({ is, secret }: Digest): Promise<string> {
    return secret ? SLOW + (await this.#stretched(is)) : is
  }

  /** Whether it is what stands in a plan, whatever was known to be a secret then. */
  async isWritten(before: string | undefined, now: Digest | undefined): Promise<boolean> {
    if (before === undefined || now === undefined) return before === now
    return before === (before.startsWith(SLOW) ? await this.written({ ...now, secret: true }) : now.is)
  }

  #hmac(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64url').slice(0, LENGTH)
  }

  #stretched(is: string): Promise<string> {
    let found = this.#slow.get(is)
    if (!found) {
      found = stretch(is, this.key, 16, COST).then((bytes) => bytes.toString('base64url'))
      this.#slow.set(is, found)
    }
    return found
  }
}

/** A short secret is one only where it is all of a value. */
const ownTextHides = (value: unknown, hides: (text: string) => string): boolean =>
  (typeof value === 'string' || typeof value === 'number') && hides(String(value)) !== String(value)

/** What PostgreSQL stores of a password has a new salt each time it is made: the password itself is among the arguments. */
const SCRAM = /SCRAM-SHA-256\$\d+:[\w+/=]+\$[\w+/=]+:[\w+/=]+/g

/** Two values have the same text only where they are the same. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.replace(SCRAM, 'SCRAM-SHA-256'))
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Unknown) return `unknown(${JSON.stringify(value.why)})`
  if (ArrayBuffer.isView(value))
    return `bytes(${textOf(Buffer.from(value as Uint8Array).toString('latin1'))})`
  if (value instanceof RegExp || value instanceof Date) return String(value)
  if (value instanceof Map || value instanceof Set) return textOf([...value])
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  if (typeof value === 'object' && value !== null) {
    const said = Object.entries(value).filter(([, inner]) => inner !== undefined)
    return `{${said.map(([name, inner]) => `${JSON.stringify(name)}:${textOf(inner)}`).join()}}`
  }
  return JSON.stringify(value) ?? 'undefined'
}

/** Files of this machine that steps name, at any depth. */
function filesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  if (Array.isArray(value)) return value.flatMap(filesIn)
  const { controllerFile, do: what, authority } = value as Record<string, unknown>
  const own = typeof controllerFile === 'string' ? [controllerFile] : []
  const signs = what === 'issue_certificate' ? [join(String(authority), 'ca.crt')] : []
  return [...own, ...signs, ...Object.values(value).flatMap(filesIn)]
}
