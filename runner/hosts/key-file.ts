import { readFileSync } from 'node:fs'

/** Encrypted, or only its public half is there. PEM says so in words, OpenSSH's format in its cipher's name. */
export function isLocked(file: string): boolean {
  try {
    const text = readFileSync(file, 'latin1')
    const body = bodyOf(text)
    const opened =
      body === undefined ? !text.includes('ENCRYPTED') : body.toString('latin1', 19, 23) === 'none'
    return !opened || !text.includes('PRIVATE KEY')
  } catch {
    return true
  }
}

/** The public half of a key in base64, as it lies beside it, or in clear in an encrypted file of OpenSSH's. */
export function publicHalf(file: string): string | undefined {
  try {
    return readFileSync(file.endsWith('.pub') ? file : `${file}.pub`, 'utf8')
      .trim()
      .split(/\s+/)[1]
  } catch {
    return publicIn(file)
  }
}

function publicIn(file: string): string | undefined {
  try {
    const body = bodyOf(readFileSync(file, 'latin1'))
    if (!body) return undefined
    // Behind the magic: cipher, kdf, its options, how many keys, then the first (PROTOCOL.key of OpenSSH).
    let at = MAGIC
    for (let skipped = 0; skipped < 3; skipped++) at += 4 + body.readUInt32BE(at)
    at += 4
    return body.subarray(at + 4, at + 4 + body.readUInt32BE(at)).toString('base64')
  } catch {
    return undefined
  }
}
const MAGIC = 'openssh-key-v1\0'.length

function bodyOf(text: string): Buffer | undefined {
  const base64 = /-BEGIN OPENSSH PRIVATE KEY-+([^-]*)/.exec(text)?.[1]
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}
