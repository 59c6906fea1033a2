import { spawnSync } from 'node:child_process'
import { readFileSync, type Stats, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, parse, resolve } from 'node:path'
import { PlayError } from '../../errors.ts'
import { objectionToProgram } from '../anybody.ts'
import { isVaultText } from './envelope.ts'
import { Vault, type VaultPassword } from './vault.ts'

/** Where a password is: `[label@]prompt`, or `[label@]FILE`, a file that holds it or a program that prints it. */
export interface VaultSource {
  label: string
  /** A path, or `prompt`. */
  from: string
}

export const DEFAULT_LABEL = 'default'
export const PROMPT = 'prompt'

/** What --vault-id takes. @throws {PlayError} code 'usage' */
export function parseVaultSource(text: string): VaultSource {
  const at = text.indexOf('@')
  const label = at === -1 ? DEFAULT_LABEL : text.slice(0, at)
  const from = text.slice(at + 1)
  if (label !== '' && from !== '' && !/[;\s]/.test(label)) return { label, from }
  throw new PlayError('usage', `--vault-id ${text} is not LABEL@SOURCE`, {
    hint: 'write dev@prompt, dev@FILE, or FILE alone',
  })
}

/**
 * Reads the passwords, in order. A file of one may be encrypted itself, with a password before it.
 * @param ask asks for one on the terminal
 * @throws {PlayError} code 'vault'
 */
export async function readVaultPasswords(
  sources: readonly VaultSource[],
  ask: (label: string) => Promise<string>,
): Promise<VaultPassword[]> {
  const found: VaultPassword[] = []
  for (const { label, from } of sources) {
    const password = from === PROMPT ? Buffer.from((await ask(label)).trim()) : fromPath(from, label, found)
    if (password.length === 0)
      throw new PlayError('vault', `the vault password ${label}@${from} is empty`, {
        hint: 'it has at least one character',
      })
    found.push({ label, password })
  }
  return found
}

function fromPath(written: string, label: string, before: readonly VaultPassword[]): Buffer {
  const path = resolve(written.replace(/^~(?=\/|$)/, homedir()))
  const found = about(path)
  return found.mode & 0o111 ? printedBy(path, label) : heldBy(path, before)
}

function about(path: string): Stats {
  try {
    const found = statSync(path)
    if (!found.isDirectory()) return found
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new PlayError(
      'vault',
      `the vault password file ${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`,
      {
        cause,
      },
    )
  }
  throw new PlayError('vault', `the vault password file ${path} is a folder`, { hint: 'name a file in it' })
}

/** Blanks and line breaks around it are not part of it, as in Ansible. */
function heldBy(path: string, before: readonly VaultPassword[]): Buffer {
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new PlayError('vault', `the vault password file ${path} cannot be read (${code})`, { cause })
  }
  if (isVaultText(content)) {
    const opening = new Vault()
    opening.use(before)
    content = opening.open(content.toString('latin1'), 'this vault password', {
      file: path,
      line: 1,
      col: 1,
    }).plain
  }
  return trimmed(content, /[\t-\r ]/)
}

/**
 * A program prints the password on its output; one whose name ends in `-client` is told which by `--vault-id`. It has the
 * terminal, and may ask there. A file that another user may change is not run.
 */
function printedBy(path: string, label: string): Buffer {
  const fail = (why: string, hint?: string): never => {
    throw new PlayError('vault', `the program ${path}, which prints the vault password, ${why}`, { hint })
  }
  const objection = objectionToProgram(path)
  if (objection) fail(`is not run: ${objection.why}`, objection.hint)
  const args = parse(path).name.endsWith('-client') ? ['--vault-id', label] : []
  const { error, status, signal, stdout } = spawnSync(join(path), args, {
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  if (error)
    fail(
      `could not be run (${(error as NodeJS.ErrnoException).code})`,
      `it is marked as a program; if it holds the password itself: chmod -x ${path}`,
    )
  if (status !== 0) fail(status === null ? `was ended by ${signal}` : `ended with ${status}`)
  return trimmed(stdout, /[\r\n]/)
}

/** Bytes, which need be no text. */
function trimmed(content: Buffer, blank: RegExp): Buffer {
  const isBlank = (byte: number | undefined) =>
    byte !== undefined && byte < 128 && blank.test(String.fromCharCode(byte))
  let start = 0
  let end = content.length
  while (start < end && isBlank(content[start])) start++
  while (end > start && isBlank(content[end - 1])) end--
  return content.subarray(start, end)
}
