import { randomInt } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { hash, hashSync } from 'bcryptjs'
import { PlayError } from '../../errors.ts'
import { ValueFault } from '../jinja/value.ts'
import { awaited, type Watch } from '../outside.ts'
import { filter, requireInt, requireText } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'
import { SALT_DIGITS, shaCrypt } from './sha-crypt.ts'

interface Kind {
  /** Ansible's default. */
  rounds: number
  least: number
  most: number
  salt: { least: number; most: number }
  /** Rounds that take no longer than a template does anyhow. */
  quick: number
  /** Rounds that are computed where nobody waits: a second or two. */
  atOnce: number
}

const SHA = {
  ...{ least: 1000, most: 999_999_999, salt: { least: 0, most: 16 } },
  ...{ quick: 10_000, atOnce: 1_000_000 },
} as const
const KINDS: Readonly<Record<string, Kind>> = {
  sha512: { ...SHA, rounds: 656_000 },
  sha256: { ...SHA, rounds: 535_000 },
  // Each round more takes twice the time, and none can be ended: 16 take some seconds, 31 a day.
  bcrypt: { rounds: 12, least: 4, most: 16, salt: { least: 22, most: 22 }, quick: 5, atOnce: 13 },
}
const NAMES: Readonly<Record<string, string>> = {
  blowfish: 'bcrypt',
  sha512_crypt: 'sha512',
  sha256_crypt: 'sha256',
}
const BCRYPTS: readonly unknown[] = ['2b', '2a', '2y']

interface Wish {
  type: string
  rounds: number
  salt?: string
  /** bcrypt's version. */
  ident: string
}

function passwordHash(
  [password, type, salt, saltSize, rounds, ident]: readonly unknown[],
  call: FunctionCall,
): string {
  const text = requireText(password)
  const wish = wishOf(type, salt, saltSize, rounds, ident, call)
  call.spend(20)
  const kind = KINDS[wish.type]!
  const { atOnce, inTurns } = wish.type === 'bcrypt' ? byBcrypt(text, wish) : bySha(text, wish)
  if (wish.rounds <= kind.quick) return atOnce()
  return awaited(JSON.stringify([text, wish]), inTurns, wish.rounds <= kind.atOnce ? atOnce : undefined)
}

function wishOf(
  type: unknown,
  salt: unknown,
  saltSize: unknown,
  rounds: unknown,
  ident: unknown,
  call: FunctionCall,
): Wish {
  const name = requireText(type)
  const known = Object.hasOwn(NAMES, name) ? NAMES[name]! : name
  if (!Object.hasOwn(KINDS, known))
    return call.fail(`there is no hash '${name}' for passwords`, 'it is sha512, sha256 or bcrypt')
  const kind = KINDS[known]!
  const count = rounds === null || rounds === 0 ? kind.rounds : requireInt(rounds, 'rounds')
  if (count < kind.least || count > kind.most)
    call.fail(`${count} rounds of ${known} are not from ${kind.least} to ${kind.most}`)
  const wish = {
    type: known,
    rounds: count,
    ident: ident === null || ident === '' ? '2b' : requireText(ident),
  }
  if (known === 'bcrypt' && !BCRYPTS.includes(wish.ident))
    call.fail(`bcrypt has no version '${wish.ident}'`, `it has ${BCRYPTS.join(', ')}`)
  const { least, most } = kind.salt
  const size = saltSize === null || saltSize === 0 ? most : requireInt(saltSize, 'salt_size')
  if (size < least || size > most) call.fail(`a salt of ${size} characters is too long or too short`)
  if (salt === null || salt === '') return size === most ? wish : { ...wish, salt: randomSalt(size) }
  const said = requireText(salt)
  if (!/^[./0-9A-Za-z]*$/.test(said) || said.length < least || said.length > most)
    call.fail(
      'this salt does not fit',
      `${known} wants ${least === most ? most : `at most ${most}`} of the characters ./0-9A-Za-z`,
    )
  return { ...wish, salt: said }
}

const randomSalt = (size: number): string =>
  Array.from({ length: size }, () => SALT_DIGITS[randomInt(64)]).join('')

interface Work {
  atOnce(): string
  /** Everything else has its turn in between. */
  inTurns(watch: Watch): Promise<string>
}

function byBcrypt(password: string, { rounds, salt, ident }: Wish): Work {
  const setting = `$2b$${String(rounds).padStart(2, '0')}$${salt ?? randomSalt(22)}`
  const named = (made: string): string => made.replace('$2b$', `$${ident}$`)
  return {
    atOnce: () => named(hashSync(password, setting)),
    inTurns: async (watch) => named(await orEnded(hash(password, setting), watch)),
  }
}

function bySha(password: string, { type, rounds, salt = randomSalt(16) }: Wish): Work {
  const kind = type === 'sha512' ? 'sha512' : 'sha256'
  // 5000 is what crypt(3) takes where nothing is said.
  const head = `$${kind === 'sha512' ? 6 : 5}$${rounds === 5000 ? '' : `rounds=${rounds}$`}${salt}$`
  const work = shaCrypt(kind, password, salt, rounds)
  return {
    atOnce() {
      for (;;) {
        const step = work.next()
        if (step.done) return head + step.value
      }
    },
    async inTurns(watch) {
      for (;;) {
        const step = work.next()
        if (step.done) return head + step.value
        await setImmediate()
        requireTime(watch)
      }
    },
  }
}

/** ms between two looks at whether somebody wants it to end. */
const LOOK = 100

/** Waits no longer than it may: what is computed goes on by itself, and counts for nothing. @throws as requireTime */
async function orEnded<T>(work: Promise<T>, watch: Watch): Promise<T> {
  let look: NodeJS.Timeout | undefined
  const ended = new Promise<never>((_, reject) => {
    look = setInterval(() => {
      try {
        requireTime(watch)
      } catch (error) {
        reject(error)
      }
    }, LOOK)
  })
  try {
    return await Promise.race([work, ended])
  } finally {
    clearInterval(look)
  }
}

/** @throws {PlayError} code 'interrupted' {ValueFault} where it took too long */
function requireTime(watch: Watch): void {
  if (watch.isInterrupted()) throw new PlayError('interrupted', 'stopped: a password was being hashed')
  const late = watch.late()
  if (late !== undefined)
    throw new ValueFault(`password_hash: ${late}`, 'take fewer rounds, or a longer timeout')
}

export const PASSWORDS: readonly LibraryFunction[] = [
  filter(
    'password_hash(hashtype="sha512", salt=None, salt_size=None, rounds=None, ident=None)',
    "password | password_hash('sha512', salt)",
    'as /etc/shadow has passwords, by sha512, sha256 or bcrypt; without a salt another one each time',
    passwordHash,
  ),
]
