import { readFileSync } from 'node:fs'
import { notUtf8, strayByte, textOf, toUtf8 } from '../../contract/bytes.ts'
import { PlayError, type Pos } from '../errors.ts'
import { type Language, languageOf } from './language.ts'
import { wordsOf } from './system-words.ts'
import type { Located } from './types.ts'
import { isVaultText } from './vault/envelope.ts'
import { vault } from './vault/vault.ts'
import { VaultValue } from './vault/vault-value.ts'
import { parseDocument } from './yaml/parse.ts'

/** In the language of the file. @throws as `parseDocument` */
export const parseYaml = (file: string, text: string): Located =>
  parseDocument(file, text, () => languageOf(file, text) === 'jinja')

/**
 * @param pos where the file is named, for the error when it is not there
 * @throws {PlayError} code 'file' when it cannot be read; {PlayErrors} code 'yaml'
 */
export function readYaml(path: string, pos?: Pos): Located {
  const { text, encrypted } = readPlainText(path, pos)
  const known = read.get(path)
  const language = languageOf(path, text)
  const isSame = known?.text === text && known.language === language
  const located = isSame ? known.located : parseYaml(path, text)
  read.set(path, { text, language, located })
  if (encrypted) vault.learn(located.value)
  return located
}

/** The last that was read of each file: a file of tasks is imported in many places. */
const read = new Map<string, { text: string; language: Language; located: Located }>()

/** The text of a file the user named, decrypted where it is encrypted. @throws {PlayError} code 'file' or 'vault' */
export const readText = (path: string, pos?: Pos): string => readPlainText(path, pos).text

/** @param from tells that the file is encrypted: what is in it is secret @throws as `readText` */
export function readPlainText(path: string, pos?: Pos): { text: string; encrypted: boolean } {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new PlayError('file', `${path} ${whyUnreadable(cause)}`, { pos, cause })
  }
  const text = textOfFile(bytes, path)
  languageOf(path, text)
  if (!isVaultText(text)) return { text, encrypted: false }
  return { text: vault.openText(text, 'this file', { file: path, line: 1, col: 1 }), encrypted: true }
}

/** @throws {PlayError} code 'file' at the first byte that is no UTF-8: what it stands for would be guessed */
export function textOfFile(bytes: Buffer, path: string): string {
  const text = textOf(bytes)
  const stray = strayByte(text)
  if (!stray) return text
  throw new PlayError('file', notUtf8(stray), {
    pos: { file: path, line: stray.line, col: stray.col },
    hint: toUtf8(path),
  })
}

/** The part of a value under `path`, still knowing where it stands; `undefined` where there is nothing. */
export function within<T = unknown>(located: Located, ...path: (string | number)[]): Located<T> {
  return {
    value: descend(located.value, path) as T,
    locate: (rest = []) => located.locate([...path, ...rest]),
    locateKey: (rest) => located.locateKey([...path, ...rest]),
  }
}

/** Own data only, so that a key such as `constructor` finds nothing that was not written. */
function descend(value: unknown, path: readonly (string | number)[]): unknown {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as Record<string | number, unknown>)[step]
  }
  return here
}

/**
 * A boolean as Ansible users write one: true/false, and YAML 1.1's yes/no, on/off, in any case. For keywords only
 * (`become: yes`): data such as `country: no` stays text. `undefined` for anything else.
 */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  if (/^(yes|true|on)$/i.test(value)) return true
  return /^(no|false|off)$/i.test(value) ? false : undefined
}

/** A mapping as YAML makes them, not a list and not null. */
export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof VaultValue)

function whyUnreadable(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException
  return wordsOf(code) ?? `cannot be read (${code ?? 'unknown reason'})`
}
