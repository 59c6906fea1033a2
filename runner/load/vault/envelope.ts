import { PlayError, type Pos } from '../../errors.ts'

/** What a text encrypted with ansible-vault holds (Ansible, "Encrypting content with Ansible Vault", format). */
export interface Envelope {
  /** Undefined in format 1.1, which has none. */
  label?: string
  salt: Buffer
  hmac: Buffer
  ciphertext: Buffer
}

const MAGIC = '$ANSIBLE_VAULT'
/** Of a line of hexadecimal digits, as ansible-vault writes them. */
const WIDTH = 80
/** Bytes; what is encrypted is padded to whole blocks. */
export const BLOCK = 16

/** Whether a file or value is encrypted, or was meant to be: the first word says so. */
export const isVaultText = (text: string | Buffer): boolean =>
  Buffer.isBuffer(text) ? text.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) : text.startsWith(MAGIC)

/**
 * Reads the text without a password: a wrong form is told where it is written, before anything is tried.
 * @throws {PlayError} code 'vault'
 */
export function parseEnvelope(text: string, pos?: Pos): Envelope {
  const fail = (message: string, hint?: string): never => {
    throw new PlayError('vault', message, { pos, hint })
  }
  const end = text.search(/[\r\n]|$/)
  const [magic, version, cipher, ...label] = text
    .slice(0, end)
    .split(';')
    .map((word) => word.trim())
  if (magic !== MAGIC)
    fail(
      'this is no text of ansible-vault',
      `its first line is ${MAGIC};1.1;AES256; play vault encrypt makes one`,
    )
  if (version === '1.0')
    fail(
      'this text is of format 1.0, which is insecure',
      'rekey it with an ansible-vault that still reads it',
    )
  if ((version !== '1.1' && version !== '1.2') || cipher !== 'AES256')
    fail(
      `formats 1.1 and 1.2 with AES256 are known, but the first line says ${shown(version)} with ${shown(cipher)}`,
      `it should be ${MAGIC};1.1;AES256, or ${MAGIC};1.2;AES256;LABEL`,
    )
  const digits = text.slice(end).replace(/\s+/g, '')
  const parts = (bytesOf(digits)?.toString('latin1') ?? '').split('\n')
  const [salt, hmac, ciphertext] = parts.map(bytesOf)
  if (
    !salt?.length ||
    hmac?.length !== 32 ||
    !ciphertext?.length ||
    ciphertext.length % BLOCK !== 0 ||
    parts.length !== 3
  )
    return fail(
      'this text of ansible-vault is cut short or changed',
      'copy it whole, each line of digits, from where it was made',
    )
  return { label: version === '1.2' ? label.join(';') || undefined : undefined, salt, hmac, ciphertext }
}

/** The text, with a last line break. Without a label, or with `default`, it is of format 1.1, as ansible-vault has it. */
export function formatEnvelope({ label, salt, hmac, ciphertext }: Envelope): string {
  const head =
    label === undefined || label === 'default' ? [MAGIC, '1.1', 'AES256'] : [MAGIC, '1.2', 'AES256', label]
  const inner = [salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n')
  const digits = Buffer.from(inner, 'latin1').toString('hex')
  const lines = digits.match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? []
  return `${[head.join(';'), ...lines].join('\n')}\n`
}

/** Undefined where they are no hexadecimal digits, or half a byte is left. Buffer.from stops there and says nothing. */
const bytesOf = (digits: string): Buffer | undefined =>
  digits.length % 2 === 0 && /^[\da-f]*$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined

const shown = (word: string | undefined): string => (word ? JSON.stringify(word.slice(0, 20)) : 'nothing')
