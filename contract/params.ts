import * as z from 'zod'
import type { ParamMeta } from './module.ts'

// The types of parameters. Each takes what YAML, a template and -e give for the same thing, and says what it expects in one
// sentence that begins with `expected`. What was found is added by who tells the user (runner/load/issues.ts), which knows
// what is a secret. docs/modules.md shows what each calls itself: `takes` of its meta.

/** Describes a parameter. Comes last, after `optional` and `default`; what the type says of itself stays. */
export const param = <T extends z.ZodType>(
  schema: T,
  description: string,
  meta: Omit<ParamMeta, 'description'> = {},
): T => schema.meta({ description, ...meta })

/** A schema under the name that docs/modules.md gives to its type. */
export const named = <T extends z.ZodType>(schema: T, takes: string): T => schema.meta({ takes })

const TRUE = ['yes', 'true', 'on', '1']
const FALSE = ['no', 'false', 'off', '0']

/** True or false, or one of the words that Ansible takes for it, in any case. */
export const flag = () => {
  const schema = z.boolean({ error: 'expected true or false' })
  return named(z.preprocess(toFlag, schema), 'true or false')
}

/** A switch of Ansible's that has one place only. @param why the other one is not taken */
export const only = (value: boolean, why: string) =>
  named(
    flag()
      .refine((given) => given === value, `expected ${value}: ${why}`)
      .default(value),
    String(value),
  )

function toFlag(value: unknown): unknown {
  if (!isText(value) && !isNumber(value)) return value
  const word = String(value).toLowerCase()
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : value
}

/** A whole number from `min` to `max`, also in digits. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const range = `a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`
  const error = `expected ${range}`
  const schema = z.number({ error }).int(error).min(min, error).max(max, error)
  return named(z.preprocess(toNumber, schema), range)
}

/** A TCP port; below 1024 only a program of root may listen. */
export const port = (min = 1) => integer(min, 65_535)

function toNumber(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return isText(value) && /^-?\d+$/.test(value) ? Number(value) : value
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 }

/**
 * A time in seconds, from `min` to `max`: a number, the same in digits, or a number with one of PostgreSQL's units, such as
 * `30s`, `5min`, `2h` (Setting Parameters, 20.1.1).
 * @param whole no parts of seconds
 */
export const duration = ({ min = 0, max = Number.MAX_SAFE_INTEGER, above = false, whole = false } = {}) => {
  const least = above ? `more than ${min} s` : `at least ${min} s`
  const range = max === Number.MAX_SAFE_INTEGER ? least : `from ${min} to ${max} s`
  const error = `expected a time, ${range}${whole ? ', in whole seconds' : ''}: seconds, or a text such as '30s' or '5min'`
  const fits = (seconds: number) =>
    (above ? seconds > min : seconds >= min) && seconds <= max && (!whole || Number.isSafeInteger(seconds))
  return named(z.preprocess(toSeconds, z.number({ error }).refine(fits, error)), 'time in seconds')
}

function toSeconds(value: unknown): unknown {
  if (!isText(value)) return toNumber(value)
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)?$/.exec(value) ?? []
  // In milliseconds first: 0.001 is no exact binary fraction.
  return number === undefined ? value : Math.round(Number(number) * SECONDS[unit]! * 1e6) / 1e6
}

interface TextRules {
  /** What it is, in the words of an error: `the name of a host`. */
  expected?: string
  /** Whether a text is that. */
  fits?: RegExp | ((text: string) => boolean)
  /** Numbers are refused too: YAML changes what is written where it takes it for one, such as 0012 or 1.10. */
  quoted?: boolean
  /** What docs/modules.md calls the type, where it is no common text. */
  takes?: string
}

/** A text; a number stands for its digits, as long as none is lost. Never true or false, which may have been written as another word. */
export const text = ({ expected = 'text', fits, quoted = false, takes = 'text' }: TextRules = {}) => {
  const error = `expected ${expected}`
  let schema = z.string({ error })
  if (fits instanceof RegExp) schema = schema.regex(fits, error)
  else if (fits) schema = schema.refine(fits, error)
  return named(z.preprocess(quoted ? asItIs : toText, schema), takes)
}

const asItIs = (value: unknown): unknown => value
function toText(value: unknown): unknown {
  const exact =
    typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
  return exact ? String(value) : value
}

/** A text that is not empty. */
export const nonEmpty = (expected = 'a text that is not empty') => text({ expected, fits: /./s })

/** A text that nobody may see: it is masked by value everywhere, and no error repeats it. Numbers are to be quoted. */
export const secret = (rules: Pick<TextRules, 'expected' | 'fits'> = {}) =>
  text({ expected: 'a secret in quotes', fits: /./s, ...rules, quoted: true, takes: 'secret' }).meta({
    secret: true,
  })

/** One of some words. true and false stand for the only one of them that YAML may have read as that, such as `off`. */
export const choice = <const T extends readonly string[]>(...words: T) =>
  z.preprocess((value) => {
    if (typeof value !== 'boolean') return value
    const meant = words.filter((word) => (value ? TRUE : FALSE).includes(word))
    return meant.length === 1 ? meant[0] : value
  }, z.enum(words))

/** A list; one text alone stands for a list of it. */
export const list = <T extends z.ZodType>(item: T, { min = 0 } = {}) => {
  const schema = z.array(item, { error: 'expected a list' })
  return z.preprocess(
    (value) => (isText(value) || isNumber(value) ? [value] : value),
    min > 0 ? schema.min(min, 'expected a list that is not empty') : schema,
  )
}

/** A list of texts, or one text. */
export const texts = () => list(text())

/** Anything at all. */
export const anything = () => named(z.unknown(), 'anything')

/** A text, a number, true or false, each as it is: for values whose type somebody else knows. */
export const scalar = () =>
  named(
    z.union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number, true or false' }),
    'text, number, true or false',
  )

/** Names and values. */
export const mapping = <K extends z.core.$ZodRecordKey, V extends z.ZodType>(key: K, value: V) =>
  z.record(key, value, { error: 'expected a mapping' })

/** A mapping by names that are the same in any case, as settings are. */
export const anyCaseMapping = <K extends z.core.$ZodRecordKey, V extends z.ZodType>(key: K, value: V) =>
  mapping(key, value).superRefine((given, context) => {
    const known = new Map<string, string>()
    for (const name of Object.keys(given)) {
      const same = known.get(name.toLowerCase())
      known.set(name.toLowerCase(), name)
      if (same !== undefined)
        context.addIssue({
          code: 'custom',
          message: `${same} and ${name} are one name, and it has two values here`,
          path: [name],
        })
    }
  })

/** An absolute path on the host. */
export const hostPath = () =>
  text({
    expected: 'an absolute path on the host',
    fits: (path) => path.startsWith('/') && !path.includes('\0'),
    takes: 'path',
  })

/** A program on the host: its absolute path, or a name that is looked for in PATH. */
export const program = () =>
  text({
    expected: 'the absolute path of a program on the host, or its name',
    fits: (path) => /^(\/[^\0]+|[^/\s\0-][^/\s\0]*)$/.test(path),
    takes: 'program',
  })

/** An absolute path of a folder on the host, as it is compared with others. */
export const folderPath = () =>
  text({
    expected: 'an absolute path on the host without a slash at its end',
    fits: (path) => /^\/.*[^/]$/.test(path) && !path.includes('\0'),
    takes: 'path',
  })

/** A user or group, by name or number. */
export const account = () =>
  text({
    expected: 'the name or number of a user or group',
    // The last number means "leave it" to chown(2).
    fits: (name) =>
      /^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(name) && !(/^\d+$/.test(name) && Number(name) >= 2 ** 32 - 1),
    takes: 'user or group',
  })

// Modes that YAML 1.1 made of 0644 and the like: what was an octal number there arrives as its decimal value.
const READ_AS_OCTAL = [256, 288, 292, 384, 416, 420, 432, 436, 438, 448, 488, 493, 504, 508, 509, 511]
const MODE = /^([0-7]{3,4}|[ugoa]*[-+=][rwxXst]*([-+=][rwxXst]*)*(,[ugoa]*[-+=][rwxXst]*([-+=][rwxXst]*)*)*)$/

/** `'0644'` or `'u=rw,g=r,o='`. A number is refused, since YAML reads 0644 as one thing or another. */
export const mode = () => {
  const error = "expected a file mode in quotes, like '0644' or 'u=rw,g=r,o='"
  const schema = z
    .string({ error: ({ input }) => (typeof input === 'number' ? modeError(error, input) : error) })
    .regex(MODE, error)
  // '02775': the zero says that it is octal, as C has it.
  const plain = (value: unknown) => (isText(value) ? value.replace(/^0(?=[0-7]{4}$)/, '') : value)
  return named(z.preprocess(plain, schema), 'file mode')
}

function modeError(error: string, input: number): string {
  const digits = READ_AS_OCTAL.includes(input) ? input.toString(8) : String(input)
  const suggestion = /^[0-7]{1,4}$/.test(digits) ? digits.padStart(4, '0') : '0644'
  return `${error}, but found the number ${input}: YAML drops the leading zero; write it in quotes, mode: '${suggestion}'`
}

/** The three parameters that every module that makes files has. */
export const ownership = {
  owner: param(account().optional(), 'User that owns it, by name or number.', {
    example: 'postgres',
    unset: 'left as it is',
  }),
  group: param(account().optional(), 'Group that owns it, by name or number.', {
    example: 'postgres',
    unset: 'left as it is',
  }),
  mode: param(mode().optional(), "Permissions, '0644' in quotes or symbolic.", {
    example: '0644',
    unset: 'left as they are',
  }),
}
export interface Ownership {
  owner?: string
  group?: string
  mode?: string
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint'
