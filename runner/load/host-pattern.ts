import { PlayError, PlayErrors, type Pos } from '../errors.ts'
import { splitPattern, type Term } from './inventory/pattern-split.ts'
import { matchTerm } from './inventory/pattern-term.ts'
import { nearest } from './nearest.ts'
import type { Inventory } from './types.ts'
import { readText } from './yaml.ts'

/** What a pattern means. */
export interface Resolved {
  /** In the order of the terms; those of a group in its order. */
  hosts: string[]
  /** Terms that match no host and no group, as written. */
  unknown: string[]
}

/**
 * Resolves a host pattern (Ansible, "Patterns: targeting hosts and groups"): terms between `:` or `,` are joined, those
 * with `&` then narrow, those with `!` then exclude, wherever they stand. A term is a group, a host, a glob, `~` and a
 * regular expression, `all` or `*`, or a group with an index or range in brackets, whose end is included.
 *
 * @throws {PlayError} code 'pattern' for an expression that does not parse
 */
export function resolvePattern(inventory: Inventory, pattern: string, pos?: Pos): Resolved {
  return resolveTerms(inventory, splitPattern(pattern, inventory), pos)
}

/** The same for a caller that needs every term to exist. @throws {PlayErrors} code 'pattern' */
export function matchHosts(inventory: Inventory, pattern: string, pos?: Pos): string[] {
  const { hosts, unknown } = resolvePattern(inventory, pattern, pos)
  throwUnknown(inventory, unknown, pos)
  return hosts
}

/**
 * What `--limit` leaves; `@file` in it stands for the file's lines, as a retry file has them.
 *
 * @throws {PlayErrors} code 'pattern' where a term is unknown or no host is left; {PlayError} code 'file'
 */
export function limitHosts(inventory: Inventory, limit: string): string[] {
  const terms = splitPattern(limit, inventory).flatMap((term) => {
    if (!term.text.startsWith('@')) return [term]
    if (term.role === 'join') return termsInFile(inventory, term.text.slice(1))
    throw new PlayError('pattern', `--limit ${limit}: a file of hosts can only be added`, {
      hint: `write it without & or !: --limit ${term.text}`,
    })
  })
  const { hosts, unknown } = resolveTerms(inventory, terms)
  throwUnknown(inventory, unknown)
  if (hosts.length > 0) return hosts
  throw new PlayErrors([
    new PlayError('pattern', `--limit ${limit} leaves no host`, {
      hint: '--list-hosts shows which there are',
    }),
  ])
}

function termsInFile(inventory: Inventory, path: string): Term[] {
  const lines = readText(path).split(/\r?\n/)
  return lines.filter((line) => !line.trim().startsWith('#')).flatMap((line) => splitPattern(line, inventory))
}

/** Excluding or narrowing alone starts from all. */
function resolveTerms(inventory: Inventory, terms: Term[], pos?: Pos): Resolved {
  const unknown = new Set<string>()
  const setsOf = (role: Term['role']): Set<string>[] =>
    terms
      .filter((term) => term.role === role)
      .map(({ text }) => {
        const hosts = matchTerm(inventory, text, pos)
        if (!hosts) unknown.add(text)
        return new Set(hosts)
      })
  const [joined, narrowing, excluded] = [setsOf('join'), setsOf('narrow'), setsOf('exclude')]
  if (joined.length === 0 && terms.length > 0) joined.push(new Set(inventory.hosts.keys()))
  const named = new Set<string>()
  for (const set of joined) for (const host of set) named.add(host)
  const isLeft = (host: string): boolean =>
    narrowing.every((set) => set.has(host)) && !excluded.some((set) => set.has(host))
  return { hosts: [...named].filter(isLeft), unknown: [...unknown] }
}

/** A list of thousands gets no thousand guesses. */
const MAX_GUESSES = 20

function throwUnknown(inventory: Inventory, unknown: string[], pos?: Pos): void {
  if (unknown.length === 0) return
  const names = [...inventory.groups.keys(), ...inventory.hosts.keys()]
  throw new PlayErrors(
    unknown.map((term, index) => {
      const near = index < MAX_GUESSES ? nearest(term.replace(/\[.*/s, ''), names) : undefined
      const hint = near === undefined ? '--list-hosts shows which there are' : `did you mean ${near}?`
      return new PlayError('pattern', `no host and no group matches ${term}`, { pos, hint })
    }),
  )
}
