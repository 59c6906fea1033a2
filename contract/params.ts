import * as z from 'zod'
import type { ParamMeta } from './module.ts'

/** Describes a parameter. Comes last, after `optional` and `default`: zod keeps what is said of the outermost schema. */
export const param = <T extends z.ZodType>(
  schema: T,
  description: string,
  meta: Omit<ParamMeta, 'description'> = {},
): T => schema.meta({ description, ...meta })

const TRUE = ['yes', 'true', 'on', '1']
const FALSE = ['no', 'false', 'off', '0']

/** A boolean, or one of the words Ansible takes for it, as `-e` gives them. */
export const flag = () =>
  z.union(
    [
      z.boolean(),
      z
        .string()
        .refine((text) => [...TRUE, ...FALSE].includes(text.toLowerCase()), 'expected true or false')
        .transform((text) => TRUE.includes(text.toLowerCase())),
    ],
    { error: 'expected true or false' },
  )

/** A whole number from `min` to `max`, also in digits, as `-e` gives it. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const error = `expected a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`
  return z.union([
    z.number({ error }).int(error).min(min, error).max(max, error),
    z
      .string({ error })
      .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, error)
      .transform(Number),
  ])
}

/** One text, or a list of them: always a list to the module. */
export const texts = () =>
  z.union([z.string().transform((text) => [text]), z.array(z.string())], {
    error: 'expected a text or a list of texts',
  })

/** An absolute path on the host. */
export const hostPath = () =>
  z
    .string()
    .regex(/^\//, {
      error: (issue) => `expected an absolute path on the host, found '${String(issue.input)}'`,
    })
    .refine((path) => !path.includes('\0'), 'a path cannot hold a NUL character')

/** A user or group, by name or number. */
const account = () =>
  z.union([
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/, 'expected the name or number of a user or group'),
    z.number().int().min(0).transform(String),
  ])

// Modes that YAML 1.1 made of 0644 and the like: what was an octal number there arrives as its decimal value.
const READ_AS_OCTAL = [256, 288, 292, 384, 416, 420, 432, 436, 438, 448, 488, 493, 504, 508, 509, 511]
const MODE = /^([0-7]{3,4}|[ugoa]*[-+=][rwxXst]*([-+=][rwxXst]*)*(,[ugoa]*[-+=][rwxXst]*([-+=][rwxXst]*)*)*)$/

/** `'0644'` or `'u=rw,g=r,o='`. A number is refused, since YAML reads 0644 as one thing or another. */
export const mode = () =>
  z.string({ error: (issue) => modeError(issue.input) }).regex(MODE, {
    error: (issue) => `'${String(issue.input)}' is no file mode; write it like '0644' or 'u=rw,g=r,o='`,
  })

function modeError(input: unknown): string {
  if (typeof input !== 'number') return "expected a file mode in quotes, like '0644' or 'u=rw,g=r,o='"
  const digits = READ_AS_OCTAL.includes(input) ? input.toString(8) : String(input)
  const suggestion = /^[0-7]{1,4}$/.test(digits) ? digits.padStart(4, '0') : '0644'
  return `the mode reached play as the number ${input}: YAML drops the leading zero; write it in quotes, mode: '${suggestion}'`
}

/** The three parameters that every module that makes files has. */
export const ownership = {
  owner: param(account().optional(), 'User that owns it, by name or number. Left as it is when not given.', {
    example: 'postgres',
  }),
  group: param(account().optional(), 'Group that owns it, by name or number. Left as it is when not given.', {
    example: 'postgres',
  }),
  mode: param(
    mode().optional(),
    "Permissions, '0644' in quotes or symbolic. Left as they are when not given.",
    {
      example: '0644',
    },
  ),
}
export interface Ownership {
  owner?: string
  group?: string
  mode?: string
}
