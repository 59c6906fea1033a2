import { Diagnostics, PlayError } from '../errors.ts'
import type { Vars } from './types.ts'
import { loadVarsFile } from './vars-files.ts'
import { isMapping, parseYaml } from './yaml.ts'

/** What errors name as the file. */
const OPTION = '--extra-vars'

/**
 * The variables of all `-e`, in order, later ones winning: `k=v k2="v 2"` (values are text, with \n, \t, \" and \xHH
 * decoded), a JSON or YAML mapping in braces, or `@file`. Errors show no value, which may be a password.
 *
 * @throws {PlayErrors} with everything found; code 'usage' where an argument is none of these
 */
export function parseExtraVars(args: readonly string[]): Vars {
  const diagnostics = new Diagnostics()
  let vars: Vars = {}
  for (const arg of args) {
    // Spread and not Object.assign, which would take a key `__proto__` for the prototype.
    vars = { ...vars, ...diagnostics.collect(() => parseOne(arg.trim())) }
  }
  diagnostics.throwIfAny()
  return vars
}

function parseOne(text: string): Vars {
  if (text.startsWith('@')) return loadVarsFile(text.slice(1)).value
  if (/^[{[]/.test(text)) return mapping(text)
  if (/^[./~][^=]*$/.test(text)) throw usage(`${text} looks like a file`, `put @ before it: -e @${text}`)
  return Object.fromEntries(splitWords(text).map(assignment))
}

function mapping(text: string): Vars {
  const { value } = parseYaml(OPTION, text)
  if (isMapping(value)) return value
  throw usage('a list is no mapping of variables', `give it a name: -e '{"name": […]}'`)
}

// oxlint-disable-next-line play/linear-patterns -- of this command line, whose words the kernel bounds to 128 KiB
const WORD = /\s*((?:\{\{.*?\}\}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|\\$|[^\s"'\\])+)/sy

/** Words between blanks; quotes and {{ }} hold blanks together. */
function splitWords(text: string): string[] {
  const words: string[] = []
  for (let at = 0; at < text.length; at = WORD.lastIndex) {
    WORD.lastIndex = at
    const found = WORD.exec(text)
    if (!found) throw usage('a quote is opened and never closed', `write -e 'name="two words"'`)
    words.push(found[1]!)
  }
  return words
}

function assignment(word: string, index: number): [string, string] {
  const equals = word.indexOf('=')
  if (equals > 0) return [word.slice(0, equals), unquote(decode(word.slice(equals + 1)))]
  throw usage(
    index === 0 ? `${JSON.stringify(word)} is not name=value` : `word ${index + 1} is not name=value`,
    index === 0
      ? 'write -e name=value, -e \'{"name": 1}\' or -e @file'
      : `quote a value that has blanks: -e 'name="two words"'`,
  )
}

function unquote(value: string): string {
  const quoted = value.length > 1 && /^["']/.test(value) && value.at(-1) === value[0]
  return quoted ? value.slice(1, -1) : value
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function decode(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([\\'"abfnrtv]))/g,
    (_, x?: string, u?: string, short?: string) =>
      short === undefined ? String.fromCharCode(Number.parseInt((x ?? u)!, 16)) : (ESCAPES[short] ?? short),
  )
}

const usage = (message: string, hint: string): PlayError =>
  new PlayError('usage', `${OPTION}: ${message}`, { hint })
