import { PlayError, type Pos } from '../../errors.ts'
import { decrypt } from './cipher.ts'
import { type Envelope, parseEnvelope } from './envelope.ts'

export interface VaultPassword {
  /** What --vault-id calls it; `default` where nothing does. */
  label: string
  password: Buffer
}

/** What a text held, and which password opened it. */
export interface Opened {
  plain: Buffer
  by: VaultPassword
}

/** Characters of a file whose lines are secrets. A private key of 4096 bits has 3,300. */
const MOST_LEARNED = 8192

type Listener = (secret: string) => void

/** The passwords of this process, and what they opened. */
export class Vault {
  #passwords: readonly VaultPassword[] = []
  #matchLabels = false
  /** By the text: a file is read for the checks and again for the run, a value for each host. */
  readonly #opened = new Map<string, Opened>()
  readonly #secrets = new Set<string>()
  readonly #listeners = new Set<Listener>()

  get passwords(): readonly VaultPassword[] {
    return this.#passwords
  }

  /**
   * From now on these count, and nothing is known of what others opened.
   * @param matchLabels only the passwords of a text's own label are tried, as with ANSIBLE_VAULT_ID_MATCH
   */
  use(passwords: readonly VaultPassword[], matchLabels = false): void {
    this.#passwords = passwords
    this.#matchLabels = matchLabels
    for (const known of [this.#opened, this.#secrets, this.#listeners]) known.clear()
  }

  /**
   * Those of the text's label are tried first, then the others, as ansible-vault does.
   * @param what how an error calls it: `this value`, `this file`
   * @throws {PlayError} code 'vault'
   */
  open(text: string, what: string, pos?: Pos): Opened {
    const known = this.#opened.get(text)
    if (known) return known
    const envelope = parseEnvelope(text, pos)
    for (const by of this.#inOrder(envelope)) {
      const plain = decrypt(envelope, by.password)
      if (!plain) continue
      this.#opened.set(text, { plain, by })
      return { plain, by }
    }
    throw this.#locked(envelope, what, pos)
  }

  /** The same for what must be text. @throws {PlayError} code 'vault' */
  openText(text: string, what: string, pos?: Pos): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        this.open(text, what, pos).plain,
      )
    } catch (error) {
      if (error instanceof PlayError) throw error
      throw new PlayError('vault', `what ${what} holds is not text in UTF-8`, { pos })
    }
  }

  /** What an encrypted file holds, as bytes, which is known as a secret from then on. @throws {PlayError} code 'vault' */
  openFile(content: Buffer, path: string): Buffer {
    const { plain } = this.open(content.toString('latin1'), 'this file', { file: path, line: 1, col: 1 })
    this.learnText(plain.toString())
    return plain
  }

  /** Makes the lines of a whole file known, where it is small: searching what is printed for thousands takes too long. */
  learnText(text: string): void {
    if (text.length <= MOST_LEARNED) this.learn(text)
  }

  /** Makes every text and number in a value known as a secret. */
  learn(value: unknown): void {
    if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) this.learn(part)
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
      this.tell(String(value))
  }

  /** `listener` hears of every secret: those that are known, and those to come. */
  onSecret(listener: Listener): void {
    for (const secret of this.#secrets) listener(secret)
    this.#listeners.add(listener)
  }

  /** Whether passwords are given, but none for this label. */
  isOfOthers(label: string | undefined): boolean {
    return (
      label !== undefined && this.#passwords.length > 0 && !this.#passwords.some((one) => one.label === label)
    )
  }

  /** Also of a secret that was made here: a password that a lookup has made. */
  tell(secret: string): void {
    if (secret === '' || this.#secrets.has(secret)) return
    this.#secrets.add(secret)
    for (const listener of this.#listeners) listener(secret)
  }

  #inOrder({ label = 'default' }: Envelope): VaultPassword[] {
    const own = this.#passwords.filter((one) => one.label === label)
    return this.#matchLabels ? own : [...own, ...this.#passwords.filter((one) => one.label !== label)]
  }

  #locked(envelope: Envelope, what: string, pos?: Pos): PlayError {
    const { label } = envelope
    const under = label === undefined ? '' : ` under the label ${label}`
    if (this.#passwords.length === 0)
      return new PlayError('vault', `${what} is encrypted${under}, and no vault password is given`, {
        pos,
        hint:
          label === undefined
            ? 'add --vault-password-file FILE or --ask-vault-pass'
            : `add --vault-id ${label}@FILE, or --vault-id ${label}@prompt`,
      })
    const tried = this.#inOrder(envelope).map((one) => one.label)
    const known = this.#passwords.some((one) => one.label === label)
    return new PlayError(
      'vault',
      `no vault password that is given opens ${what}, which is encrypted${under}`,
      {
        pos,
        hint:
          label === undefined || known
            ? 'is it the right password? A text that was changed since it was made cannot be opened either'
            : `add --vault-id ${label}@FILE: no password with this label is given`,
        details: [`tried: ${tried.join(', ') || 'none, as only those of its label may be'}`],
      },
    )
  }
}

/** The one of this process: what is encrypted may be met wherever a file is read. */
export const vault = new Vault()
