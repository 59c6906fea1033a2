import { PlayError, type Pos } from '../../errors.ts'
import { isLocalhost } from '../../localhost.ts'
import { compileRegex, type Regex, type RegexFault } from '../regex.ts'
import type { Inventory } from '../types.ts'

/** The hosts of one term, undefined where it matches no host and no group. @throws {PlayError} code 'pattern' */
export function matchTerm(inventory: Inventory, term: string, pos?: Pos): readonly string[] | undefined {
  // Matches at the start of a name, as Ansible does.
  if (term.startsWith('~')) return matchNames(inventory, compile(`^(?:${term.slice(1)})`, term, pos))
  const sliced = /^(.+)\[(?:(-?\d+)|(-?\d*)[:-](-?\d*))\]$/.exec(term)
  if (!sliced) return matchName(inventory, term, pos)
  const hosts = matchName(inventory, sliced[1]!, pos)
  return hosts && slice(hosts, sliced[2], sliced[3], sliced[4])
}

function matchName(inventory: Inventory, name: string, pos?: Pos): readonly string[] | undefined {
  if (name === 'all' || name === '*') return [...inventory.hosts.keys()]
  const group = inventory.groups.get(name)
  if (group) return group.hosts
  if (inventory.hosts.has(name) || isLocalhost(name)) return [name]
  return /[*?[]/.test(name) ? matchNames(inventory, compile(glob(name), name, pos)) : undefined
}

/** Of groups those that the user named: else `a*` would mean `all`, and `!a*` nothing. */
function matchNames(inventory: Inventory, pattern: Regex): string[] | undefined {
  const hosts = [...inventory.hosts.keys()].filter((name) => pattern.test(name))
  const groups = [...inventory.groups.values()].filter(
    ({ name }) => name !== 'all' && name !== 'ungrouped' && pattern.test(name),
  )
  return hosts.length + groups.length === 0
    ? undefined
    : [...groups.flatMap((group) => group.hosts), ...hosts]
}

/** The end is included, and negative numbers count from the end. An index beyond the end matches nothing. */
function slice(
  hosts: readonly string[],
  index: string | undefined,
  from = '',
  to = '',
): readonly string[] | undefined {
  if (index !== undefined) {
    const host = hosts.at(Number(index))
    return host === undefined ? undefined : [host]
  }
  const end = to === '' ? -1 : Number(to)
  return hosts.slice(Number(from), end === -1 ? undefined : end + 1)
}

/** Both kinds can be wrong: `~(web`, and `[z-a]*`. */
function compile(source: string, term: string, pos?: Pos): Regex {
  try {
    return compileRegex(source, true)
  } catch (cause) {
    const { message, hint } = cause as RegexFault
    throw new PlayError('pattern', `the pattern ${term} does not parse: ${message}`, { pos, cause, hint })
  }
}

/** `*`, `?`, `[abc]`, `[!abc]`. A bracket that is not closed stands for itself. */
function glob(text: string): string {
  const closed = text.lastIndexOf(']') + 1
  const begin = text
    .slice(0, closed)
    .replace(PART, (all, not?: string, set?: string) =>
      set === undefined ? plain(all) : `[${not ? '^' : ''}${set.replace(/[\\[\]^]/g, '\\$&')}]`,
    )
  return `^(?:${begin}${plain(text.slice(closed))})$`
}

// oxlint-disable-next-line play/linear-patterns -- of a text that ends with a bracket: each that is opened is closed
const PART = /\[(!?)([^\]]+)\]|[\s\S]/g

const plain = (text: string): string =>
  text.replace(/[\\^$.|+()[\]{}*?]/g, (char) => (char === '*' ? '.*' : char === '?' ? '.' : `\\${char}`))
