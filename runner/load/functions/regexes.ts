import { PatternFault, PythonRegex } from '../../../contract/regex/index.ts'
import { Tuple, ValueFault } from '../jinja/value.ts'
import { filter, isOn, requireInt, requireText, test, textOf } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

/** An error in a pattern or a replacement, with its place in it. */
function placed<T>(what: string, text: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    throw new ValueFault(
      `${what} '${text}' is wrong at character ${error.at + 1}: ${error.message}`,
      text.includes('\\') ? undefined : 'it is a regular expression of Python',
    )
  }
}

function compile(pattern: unknown, ignoreCase: unknown, multiline: unknown, call: FunctionCall): PythonRegex {
  const text = requireText(pattern)
  return placed('the pattern', text, () =>
    PythonRegex.compile(text, { ignoreCase: isOn(ignoreCase), multiline: isOn(multiline) }, call.spend),
  )
}

function replaceAll(args: readonly unknown[], call: FunctionCall): string {
  const [value, pattern, replacement, ignoreCase, multiline, count, mandatory] = args
  const text = requireText(replacement)
  const regex = compile(pattern, ignoreCase, multiline, call)
  const most = requireInt(count, 'count')
  const { text: made, replaced } = placed('the replacement', text, () =>
    regex.replace(textOf(value), text, most, call.spend),
  )
  const wanted = requireInt(mandatory, 'mandatory_count')
  if (wanted !== 0 && wanted !== replaced)
    call.fail(`the pattern must match ${wanted} times, but it matches ${replaced} times`)
  return made
}

function search([value, pattern, wanted, named]: readonly unknown[], call: FunctionCall): unknown {
  const { ignorecase = false, multiline = false } = named as Record<string, unknown>
  const groups = (wanted as unknown[]).map((one) => {
    const [, name, number] = /^(?:\\g<(\S+)>|\\(\d+))/.exec(requireText(one)) ?? []
    return (
      name ?? number ?? call.fail(`'${one}' is no reference to a group`, "write '\\\\1' or '\\\\g<name>'")
    )
  })
  const regex = compile(pattern, ignorecase, multiline, call)
  const found = regex.search(textOf(value), call.spend)
  if (!found) return null
  if (groups.length === 0) return found.text
  return groups.map((name) => {
    const index = /^\d+$/.test(name) ? Number(name) : regex.names.get(name)
    if (index === undefined || index > regex.groups) return call.fail(`the pattern has no group ${name}`)
    return found.groups[index] ?? null
  })
}

function findAll([value, pattern, multiline, ignoreCase]: readonly unknown[], call: FunctionCall): unknown {
  return compile(pattern, ignoreCase, multiline, call)
    .all(textOf(value), call.spend)
    .map(({ text, groups }) => {
      const parts = groups.slice(1).map((group) => group ?? '')
      return parts.length === 0 ? text : parts.length === 1 ? parts[0] : Tuple.holding(parts)
    })
}

/** What Python's re.escape puts a backslash before. */
const SPECIAL = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g

function escape_([value, type]: readonly unknown[], call: FunctionCall): string {
  if (type === 'python') return textOf(value).replace(SPECIAL, (one) => `\\${one}`)
  if (type === 'posix_basic') return textOf(value).replace(/[\].[^$*\\]/g, (one) => `\\${one}`)
  return call.fail("re_type is 'python' or 'posix_basic'")
}

type How = 'search' | 'match' | 'fullmatch'

function matches(
  how: How,
  [value, pattern, ignoreCase, multiline]: readonly unknown[],
  call: FunctionCall,
): boolean {
  const regex = compile(pattern, ignoreCase, multiline, call)
  const text = textOf(value)
  if (how === 'search') return regex.search(text, call.spend) !== undefined
  return (how === 'match' ? regex.match(text, call.spend) : regex.fullMatch(text, call.spend)) !== undefined
}

export const REGEXES: readonly LibraryFunction[] = [
  filter(
    'regex_replace(pattern="", replacement="", ignorecase=False, multiline=False, count=0, mandatory_count=0)',
    "name | regex_replace('^db', 'pg')",
    'each match of a regular expression of Python replaced; \\\\1 and \\\\g<name> are its groups',
    replaceAll,
  ),
  filter(
    'regex_search(regex, *args, **named)',
    "text | regex_search('[0-9]+')",
    'the first match, or the groups that are asked for; none where nothing matches',
    search,
  ),
  filter(
    'regex_findall(regex, multiline=False, ignorecase=False)',
    "text | regex_findall('[0-9]+')",
    'all matches, or their groups',
    findAll,
  ),
  filter(
    'regex_escape(re_type="python")',
    "'a.b' | regex_escape",
    'a text as a regular expression that matches it and nothing else',
    escape_,
  ),
  test(
    'match(pattern="", ignorecase=False, multiline=False)',
    "x is match('db')",
    'a regular expression fits at the start',
    (args, call) => matches('match', args, call),
  ),
  test(
    'search(pattern="", ignorecase=False, multiline=False)',
    "x is search('db')",
    'a regular expression fits anywhere',
    (args, call) => matches('search', args, call),
  ),
  test(
    'regex(pattern="", ignorecase=False, multiline=False, match_type="search")',
    "x is regex('db.*', match_type='fullmatch')",
    'a regular expression fits anywhere, at the start or all of it',
    (args, call) => {
      const how = args[4]
      if (how !== 'search' && how !== 'match' && how !== 'fullmatch')
        return call.fail("match_type is 'search', 'match' or 'fullmatch'")
      return matches(how, args, call)
    },
  ),
]
