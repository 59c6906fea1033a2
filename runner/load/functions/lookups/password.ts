import { randomInt } from 'node:crypto'
import { lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { str, ValueFault } from '../../jinja/value.ts'
import { systemCode } from '../../system-words.ts'
import { expandUser } from '../paths.ts'
import { flatTerms, type Lookup, type LookupContext, textTerm, withOptions } from './lookup.ts'

const CHARACTERS: Readonly<Record<string, string>> = {
  ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
  ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ascii_letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

function alphabet(chars: unknown): string {
  const parts = Array.isArray(chars) ? chars.map(str) : str(chars).replaceAll(',,', ',comma__').split(',')
  const all = parts
    .map((part) => (part === 'comma__' ? ',' : Object.hasOwn(CHARACTERS, part) ? CHARACTERS[part]! : part))
    .join('')
  return [...new Set(all)].join('')
}

function password(term: string, named: Readonly<Record<string, unknown>>, context: LookupContext): unknown {
  const { rest, options } = withOptions(term, named, ['length', 'chars', 'encrypt', 'ident', 'seed'])
  if (options.encrypt !== undefined && options.encrypt !== null)
    throw new ValueFault(
      'the lookup password does not encrypt here',
      "write lookup('password', …) | password_hash",
    )
  if (options.seed !== undefined && options.seed !== null)
    throw new ValueFault('a seed makes passwords that can be guessed', 'leave it out')
  const path = expandUser(rest)
  const place = path.startsWith('/') ? path : posix.join(context.searchPath('')[0] ?? '.', path)
  const isKept = place !== '/dev/null'
  const kept = isKept ? keptPassword(place, context) : undefined
  if (kept !== undefined) return kept
  if (!context.mayRun) return context.unknown(`the run makes the password of ${place}`)
  const characters = alphabet(options.chars ?? ['ascii_letters', 'digits', '.,:-_'])
  const length = Number(options.length ?? 20)
  if (!Number.isInteger(length) || length < 1 || length > 10_000)
    throw new ValueFault('the length of a password is a number from 1 to 10000')
  if (characters === '') throw new ValueFault('there are no characters to make a password of')
  const all = [...characters]
  const made = Array.from({ length }, () => all[randomInt(all.length)]!).join('')
  context.secret(made)
  if (!isKept) return made
  mkdirSync(posix.dirname(place), { recursive: true, mode: 0o700 })
  requireOwn(place)
  try {
    writeFileSync(place, `${made}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // Another run made one in between: that one counts.
    const theirs = systemCode(error) === 'EEXIST' ? keptPassword(place, context) : undefined
    if (theirs === undefined) throw error
    return theirs
  }
  return made
}

/** @returns undefined where there is no file @throws {ValueFault} where it is not fit to hold a password */
function keptPassword(place: string, context: LookupContext): string | undefined {
  const found = lstatSync(place, { throwIfNoEntry: false })
  if (!found) return undefined
  requireOwn(place)
  if (!statSync(place).isFile())
    throw new ValueFault(
      `the lookup password: ${place} is no file`,
      'name the file itself, such as secrets/app',
    )
  const made = (context.read(place) ?? '').trimEnd().replace(/ salt=\S*(?: ident=\S*)?$/, '')
  if (made === '')
    throw new ValueFault(`the password in ${place} is empty`, 'remove the file, and a new one is made')
  context.secret(made)
  return made
}

/** A password that somebody else may know, or have put there, is none. @throws {ValueFault} */
function requireOwn(place: string): void {
  const own = [0, process.getuid?.() ?? 0]
  for (const path of [posix.dirname(place), place]) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found) continue
    const uids = [found.uid, lstatSync(path).uid]
    // In a folder such as /tmp nobody takes away what is another's.
    const isShared = found.isDirectory() && (found.mode & 0o1000) !== 0
    const other = uids.find((uid) => !own.includes(uid))
    if (other !== undefined && !isShared)
      throw new ValueFault(
        `the lookup password: ${path} is of the user with the id ${other}, who may know what is in it`,
        'name a file of your own',
      )
    if ((found.mode & 0o002) !== 0 && !isShared)
      throw new ValueFault(
        `the lookup password: everybody may write to ${path}`,
        `type chmod o-w ${path}; a password that stands there already may be somebody else's`,
      )
  }
}

export const PASSWORD: Lookup = {
  name: 'password',
  params: 'length=20, chars=None, encrypt=None, ident=None, seed=None',
  usage: "lookup('password', 'secrets/app length=24')",
  summary: 'the password in a file, which is made where there is none; a new one is unknown in a check',
  run: (terms, named, context) =>
    flatTerms(terms).map((term) => password(textTerm(term, 'password'), named, context)),
}
