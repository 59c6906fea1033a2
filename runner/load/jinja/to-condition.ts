import type { Jinja, Node } from './ast.ts'
import { parseJinja } from './parse.ts'

/** What to write in CEL for a Jinja condition: `has(vars.x)` for `x is defined`. @returns undefined where nothing corresponds */
export function jinjaToCondition(text: string): string | undefined {
  const expression = parseJinja(text.replace(/^\s*\{\{(.*)\}\}\s*$/s, '$1'))
  if (!expression) return undefined
  try {
    return written(expression)
  } catch (error) {
    if (error instanceof NoCel) return undefined
    throw error
  }
}

class NoCel extends Error {}

function written(node: Jinja): string {
  switch (node.is) {
    case 'text':
      return JSON.stringify(node.value)
    case 'number':
      return node.text
    case 'name':
      return node.name
    case 'constant':
      return String(node.value)
    case 'list':
      return `[${node.items.map(written).join(', ')}]`
    case 'attribute':
      return `${operand(node.of)}.${node.name}`
    case 'item':
      return `${operand(node.of)}[${written(node.key)}]`
    case 'not':
      return negated(node.of)
    case 'choice':
      return `${operand(node.condition)} ? ${operand(node.yes)} : ${node.no ? operand(node.no) : '""'}`
    case 'binary':
      return binary(node)
    case 'call':
      return called(node)
    case 'filter':
      return filtered(node)
    case 'test':
      return tested(node)
    default:
      throw new NoCel()
  }
}

const OPERATORS: Record<string, string> = { and: '&&', or: '||', '~': '+' }

/** In parentheses where an operator around it could bind tighter. */
function operand(node: Jinja): string {
  const text = written(node)
  return / [?&|=<>!+*/%-]|\bin\b/.test(withoutInner(text)) ? `(${text})` : text
}

/** Without texts and what stands in parentheses. */
function withoutInner(text: string): string {
  let outer = text.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  for (let before = ''; before !== outer; ) {
    before = outer
    outer = outer.replace(/[([][^()[\]]*[)\]]/g, '')
  }
  return outer
}

function negated(node: Jinja): string {
  const text = operand(node)
  return text.startsWith('!') && !text.startsWith('!=') ? text.slice(1) : `!${text}`
}

function binary({ op, left, right }: Node<'binary'>): string {
  const sign = OPERATORS[op] ?? op
  const side = (node: Jinja): string =>
    node.is === 'binary' && (node.op === op || ((op === 'and' || op === 'or') && !isLogical(node)))
      ? written(node)
      : operand(node)
  return `${side(left)} ${sign} ${side(right)}`
}

const isLogical = (node: Jinja): boolean => node.is === 'binary' && (node.op === 'and' || node.op === 'or')

const METHODS: Record<string, string> = {
  startswith: 'startsWith',
  endswith: 'endsWith',
  lower: 'lowerAscii',
  upper: 'upperAscii',
  strip: 'trim',
  find: 'indexOf',
}

function called({ of, args }: Node<'call'>): string {
  const list = args.map(written).join(', ')
  if (of.is === 'name') return `${of.name === 'len' ? 'size' : of.name}(${list})`
  if (of.is !== 'attribute') throw new NoCel()
  return `${operand(of.of)}.${METHODS[of.name] ?? of.name}(${list})`
}

function filtered({ name, of, args, named }: Node<'filter'>): string {
  const value = operand(of)
  // What has no place in CEL is not left out in silence.
  if (named.size > 0) throw new NoCel()
  switch (name) {
    case 'bool':
    case 'int':
    case 'string':
      return `${name}(${written(of)})`
    case 'float':
      return `double(${written(of)})`
    case 'length':
    case 'count':
      return `size(${written(of)})`
    case 'default':
    case 'd':
      if (args.length > 1) throw new NoCel()
      return `${defined(of)} ? ${value} : ${args[0] ? operand(args[0]) : '""'}`
    case 'lower':
    case 'upper':
      return `${value}.${name}Ascii()`
    case 'trim':
      return `${value}.trim()`
    case 'first':
      return `${value}[0]`
    case 'list':
      return written(of)
    case 'join':
      return `${value}.join(${args.map(written).join(', ')})`
    default:
      throw new NoCel()
  }
}

function tested({ name, of, args }: Node<'test'>): string {
  const value = operand(of)
  switch (name) {
    case 'defined':
      return defined(of)
    case 'undefined':
      return `!${defined(of)}`
    case 'none':
      return `${value} == null`
    case 'true':
      return value
    case 'false':
      return negated(of)
    case 'succeeded':
    case 'success':
      return `!${value}.failed`
    case 'failed':
    case 'changed':
    case 'skipped':
      return `${value}.${name}`
    case 'match':
    case 'search':
    case 'regex':
      return `${value}.matches(${args.map(written).join(', ')})`
    case 'in':
      return `${value} in ${args.map(operand).join(', ')}`
    case 'string':
      return `type(${written(of)}) == string`
    default:
      throw new NoCel()
  }
}

/** A name alone is no argument of has(); `vars` holds all variables. */
function defined(of: Jinja): string {
  if (of.is === 'name') return `has(vars.${of.name})`
  if (of.is === 'attribute') return `has(${written(of)})`
  if (of.is === 'item') return `${operand(of.key)} in ${operand(of.of)}`
  throw new NoCel()
}
