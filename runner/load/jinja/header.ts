import { nearest } from '../nearest.ts'
import { Fault } from '../template/fault.ts'
import type { Syntax } from './options.ts'
import { parseExpression } from './parse.ts'

const BEGIN = '#jinja2:'

type Key = Exclude<keyof Syntax, 'escapes'>

/** `#jinja2: trim_blocks:False, …`, the first line of a template. @returns the rest of it, and how it is to be read */
export function headed(text: string, syntax: Syntax): { rest: string; offset: number; syntax: Syntax } {
  if (!text.startsWith(BEGIN)) return { rest: text, offset: 0, syntax }
  const end = text.indexOf('\n')
  if (end === -1) throw new Fault(`a line ${BEGIN} needs a template below it`, 0, text.length)
  const own: Syntax = { ...syntax }
  let at = BEGIN.length
  for (const pair of text.slice(at, end).split(',')) {
    Object.assign(own, setting(pair, at, syntax))
    at += pair.length + 1
  }
  requireDifferent(own)
  return { rest: text.slice(end + 1), offset: end + 1, syntax: own }
}

function setting(pair: string, at: number, syntax: Syntax): Partial<Syntax> {
  const colon = pair.indexOf(':')
  const fail = (message: string, hint?: string): never => {
    throw new Fault(message, at, Math.max(1, pair.length), hint)
  }
  if (colon === -1) fail('expected key: value', 'write #jinja2: trim_blocks: False, lstrip_blocks: True')
  const key = pair.slice(0, colon).trim()
  const known = Object.keys(syntax).filter((name) => name !== 'escapes')
  if (!known.includes(key)) {
    const near = nearest(key, known)
    fail(`${BEGIN} has no ${key}`, near ? `did you mean ${near}?` : `it has ${known.join(', ')}`)
  }
  const value = literal(pair.slice(colon + 1))
  if (typeof value !== typeof syntax[key as Key] || value === '')
    fail(
      `expected ${typeof syntax[key as Key] === 'boolean' ? 'True or False' : 'a text in quotes'} for ${key}`,
    )
  return { [key]: value }
}

function literal(text: string): unknown {
  try {
    const node = parseExpression(text)
    return node.is === 'text' || (node.is === 'constant' && /^[TF]/.test(node.name)) ? node.value : undefined
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

function requireDifferent({ variable_start_string, block_start_string, comment_start_string }: Syntax): void {
  if (new Set([variable_start_string, block_start_string, comment_start_string]).size < 3)
    throw new Fault('variables, blocks and comments begin with different signs', 0, BEGIN.length)
}
