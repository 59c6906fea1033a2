import { isIPv6 } from 'node:net'
import type { Inventory } from '../types.ts'

/** One term of a pattern. */
export interface Term {
  role: 'join' | 'narrow' | 'exclude'
  /** Without `&` or `!`. */
  text: string
}

/** Terms stand between `,` or `:`, except inside brackets, a regular expression's parentheses and IPv6 addresses. */
export function splitPattern(pattern: string, inventory: Inventory): Term[] {
  return splitOutside(pattern, ',')
    .flatMap((part) => (isOneName(bare(part), inventory) ? [part] : splitOutside(part, ':')))
    .map((part) => ({ role: roleOf(part.trim()), text: bare(part) }))
    .filter((term) => term.text !== '')
}

const bare = (part: string): string => part.trim().replace(/^[&!]\s*/, '')

const roleOf = (part: string): Term['role'] =>
  part.startsWith('&') ? 'narrow' : part.startsWith('!') ? 'exclude' : 'join'

const isOneName = (text: string, { hosts, groups }: Inventory): boolean =>
  hosts.has(text) || groups.has(text) || (text.split(':').length > 2 && isIPv6(text))

function splitOutside(text: string, separator: ',' | ':'): string[] {
  const parts: string[] = []
  let start = 0
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!
    if (character === '[' || (character === '(' && isExpression(text, start))) depth++
    else if (character === ']' || (character === ')' && isExpression(text, start)))
      depth = Math.max(0, depth - 1)
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}

const isExpression = (text: string, start: number): boolean =>
  /^\s*(?:[&!]\s*)?~/.test(text.slice(start, start + 20))
