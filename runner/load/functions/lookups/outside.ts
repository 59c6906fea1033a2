import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { str, ValueFault } from '../../jinja/value.ts'
import { expandUser } from '../paths.ts'
import { toBool } from '../values.ts'
import { flatTerms, type Lookup, type LookupContext, textTerm, withOptions } from './lookup.ts'

const MOST_BYTES = 16 * 1024 * 1024
const MOST_MILLISECONDS = 60_000

function run(command: string): string {
  try {
    // It is a command line of the user's, as the lookup is documented.
    return execFileSync('/bin/sh', ['-c', command], {
      encoding: 'utf8',
      maxBuffer: MOST_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd()
  } catch (error) {
    const { status } = error as { status?: number | null }
    throw new ValueFault(`the command of the lookup pipe failed${status == null ? '' : ` with ${status}`}`)
  }
}

const FETCH = `
let text = ''
process.stdin.on('data', (part) => (text += part)).on('end', async () => {
  const { url, headers, milliseconds } = JSON.parse(text)
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(milliseconds) })
    if (!answer.ok) throw new Error('status ' + answer.status)
    process.stdout.write(await answer.text())
  } catch (error) {
    process.stderr.write(String(error.cause?.code ?? error.message))
    process.exitCode = 1
  }
})`

/** Templates are evaluated at once, and fetching takes its time: another process does it. */
function fetched(url: string, named: Readonly<Record<string, unknown>>): string {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries((named.headers ?? {}) as Record<string, unknown>))
    headers[name] = str(value)
  if (named.username !== undefined && named.username !== null)
    headers.authorization = `Basic ${Buffer.from(`${str(named.username)}:${str(named.password ?? '')}`).toString('base64')}`
  const milliseconds = Math.min(MOST_MILLISECONDS, Number(named.timeout ?? 10) * 1000)
  try {
    return execFileSync(process.execPath, ['-e', FETCH], {
      input: JSON.stringify({ url, headers, milliseconds }),
      encoding: 'utf8',
      maxBuffer: MOST_BYTES,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  } catch (error) {
    throw new ValueFault(
      `the lookup url could not fetch this: ${String((error as { stderr?: string }).stderr ?? '').slice(0, 200)}`,
    )
  }
}

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
  if (isKept && existsSync(place)) {
    const made = (context.read(place) ?? '').trimEnd().replace(/ salt=\S*$/, '')
    if (made === '')
      throw new ValueFault(`the password in ${place} is empty`, 'remove the file, and a new one is made')
    context.secret(made)
    return made
  }
  if (context.isCheck) return context.unknown(`the run makes the password of ${place}`)
  const characters = alphabet(options.chars ?? ['ascii_letters', 'digits', '.,:-_'])
  const length = Number(options.length ?? 20)
  if (!Number.isInteger(length) || length < 1 || length > 10_000)
    throw new ValueFault('the length of a password is a number from 1 to 10000')
  if (characters === '') throw new ValueFault('there are no characters to make a password of')
  const all = [...characters]
  const made = Array.from({ length }, () => all[randomInt(all.length)]!).join('')
  context.secret(made)
  if (isKept) {
    mkdirSync(posix.dirname(place), { recursive: true, mode: 0o700 })
    writeFileSync(place, `${made}\n`, { mode: 0o600, flag: 'wx' })
  }
  return made
}

export const OUTSIDE_LOOKUPS: readonly Lookup[] = [
  {
    name: 'env',
    params: 'default=""',
    usage: "lookup('env', 'HOME')",
    summary: 'an environment variable of this machine',
    run: (terms, named) =>
      flatTerms(terms).map((term) => {
        const name = textTerm(term, 'env').split(' ')[0]!
        return (Object.hasOwn(process.env, name) ? process.env[name] : undefined) ?? named.default ?? ''
      }),
  },
  {
    name: 'pipe',
    params: '',
    usage: "lookup('pipe', 'git rev-parse HEAD')",
    summary: 'what a command of this machine prints; unknown in a check',
    run: (terms, _, context) =>
      flatTerms(terms).map((term) =>
        context.isCheck
          ? context.unknown('the run asks a command of this machine')
          : run(textTerm(term, 'pipe')),
      ),
  },
  {
    name: 'lines',
    params: '',
    usage: "query('lines', 'ls')",
    summary: 'the lines that a command of this machine prints; unknown in a check',
    run: (terms, _, context) =>
      flatTerms(terms).flatMap((term) =>
        context.isCheck
          ? [context.unknown('the run asks a command of this machine')]
          : run(textTerm(term, 'lines')).split('\n'),
      ),
  },
  {
    name: 'url',
    params:
      'split_lines=True, username=None, password=None, headers=None, timeout=10, validate_certs=True, wantlist=False',
    usage: "lookup('url', 'https://example.com/version')",
    summary: 'the lines that a web address answers; unknown in a check',
    run: (terms, named, context) =>
      flatTerms(terms).flatMap((term) => {
        if (context.isCheck) return [context.unknown('the run fetches a web address')]
        const text = fetched(textTerm(term, 'url'), named)
        return toBool(named.split_lines ?? true) ? text.replace(/\n$/, '').split(/\r?\n/) : [text]
      }),
  },
  {
    name: 'password',
    params: 'length=20, chars=None, encrypt=None, ident=None, seed=None',
    usage: "lookup('password', 'secrets/app length=24')",
    summary: 'the password in a file, which is made where there is none; a new one is unknown in a check',
    run: (terms, named, context) =>
      flatTerms(terms).map((term) => password(textTerm(term, 'password'), named, context)),
  },
]
