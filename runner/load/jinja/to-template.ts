import { HELPERS } from '../helpers.ts'
import type { Jinja, Node } from './ast.ts'
import { parseJinja } from './parse.ts'

/**
 * What to write for the inside of a Jinja `{{ }}`: `default x "y"` for `x | default('y')`, with its braces.
 * `block` is the name of a block that the expression is the value of. @returns undefined where nothing corresponds
 */
export function jinjaToTemplate(text: string, block?: string): string | undefined {
  const expression = parseJinja(text.replace(/^[-+](?=\s)|\s[-+]$/g, ''))
  if (!expression) return undefined
  try {
    return block ? `{{#${block} ${argument(expression)}}}` : printed(expression)
  } catch (error) {
    if (error instanceof NoHelper) return undefined
    throw error
  }
}

const text = (value: string): Node<'text'> => ({ is: 'text', value, start: 0, end: 0 })

class NoHelper extends Error {}

/** As a statement of its own; text stands without braces. */
function printed(node: Jinja): string {
  if (node.is === 'choice') {
    const no = node.no ? printedOrText(node.no) : ''
    return `{{#if ${argument(node.condition)}}}${printedOrText(node.yes)}${no && `{{else}}${no}`}{{/if}}`
  }
  return `{{${written(node)}}}`
}

const printedOrText = (node: Jinja): string => (node.is === 'text' ? node.value : printed(node))

/** As a value of a helper. */
function argument(node: Jinja): string {
  const text = written(node)
  return isCall(node) && text.includes(' ') ? `(${text})` : text
}

const isCall = (node: Jinja): boolean => !['text', 'number', 'name', 'constant'].includes(node.is)

function written(node: Jinja): string {
  switch (node.is) {
    case 'text':
      return quoted(node.value)
    case 'number':
      return node.text
    case 'name':
      return node.name
    case 'constant':
      return String(node.value)
    case 'attribute':
      return item(node.of, text(node.name))
    case 'item':
      return item(node.of, node.key)
    case 'call':
      return called(node)
    case 'filter':
      return filtered(node)
    case 'test':
      return tested(node)
    case 'not':
      return `not ${argument(node.of)}`
    case 'binary':
      return binary(node)
    default:
      throw new NoHelper()
  }
}

/** Names and fixed keys alone, which dots can join. */
function isPath(node: Jinja): boolean {
  if (node.is === 'attribute') return isPath(node.of)
  if (node.is === 'item') return node.key.is !== 'name' && isPath(node.of) && !written(node).includes(' ')
  return node.is === 'name'
}

const segment = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? key : `[${key}]`)

function item(of: Jinja, key: Jinja): string {
  if (key.is === 'text' && isPath(of)) return `${written(of)}.${segment(key.value)}`
  const host = hostOf(of)
  if (host && key.is === 'text') return `host_var ${argument(host)} ${quoted(key.value)}`
  if (key.is === 'number')
    return key.text.startsWith('-')
      ? lastOf(of, key.text)
      : isPath(of)
        ? `${written(of)}.[${key.text}]`
        : lookup(of, key)
  return lookup(of, key)
}

/** `hostvars[x]`: the x. */
const hostOf = (of: Jinja): Jinja | undefined =>
  of.is === 'item' && of.of.is === 'name' && of.of.name === 'hostvars' ? of.key : undefined

const lookup = (of: Jinja, key: Jinja): string => `lookup ${argument(of)} ${argument(key)}`

function lastOf(of: Jinja, index: string): string {
  if (index !== '-1') throw new NoHelper()
  return `last ${argument(of)}`
}

function called({ of, args }: Node<'call'>): string {
  if (of.is === 'name') return helper(of.name, args)
  if (of.is !== 'attribute') throw new NoHelper()
  const { of: owner, name } = of
  if (name === 'get') {
    const found = item(owner, args[0]!)
    return `default ${found.includes(' ') ? `(${found})` : found} ${args[1] ? argument(args[1]) : 'null'}`
  }
  return helper(name, [owner, ...args])
}

function filtered({ name, of, args, named }: Node<'filter'>): string {
  if (WITHOUT_NEED.has(name)) return written(of)
  if (name === 'map' && [...named.keys()].join() === 'attribute')
    return helper('map', [of, named.get('attribute')!])
  // What has no place in ours is not left out in silence: `unique(attribute='x')`, `default('y', boolean=true)`.
  if (named.size > 0) throw new NoHelper()
  if (name === 'join' && args.length === 0) return helper('join', [of, text('')])
  if (name === 'to_nice_json') return `json ${argument(of)} 4`
  return helper(RENAMED[name] ?? name, [of, ...args])
}

/** A value that is one expression keeps its type. */
const WITHOUT_NEED = new Set(['int', 'float', 'string', 'list', 'mandatory'])
const RENAMED: Record<string, string> = { d: 'default', to_json: 'json', tojson: 'json', count: 'length' }

function tested({ name, of }: Node<'test'>): string {
  if (name === 'undefined') return `not (${defined(of)})`
  if (name === 'none') return `eq ${argument(of)} null`
  if (name !== 'defined') throw new NoHelper()
  return defined(of)
}

function defined(of: Jinja): string {
  if (of.is === 'name') return `has ${quoted(of.name)}`
  if (of.is === 'attribute') return `has ${argument(of.of)} ${quoted(of.name)}`
  if (of.is === 'item') return `has ${argument(of.of)} ${argument(of.key)}`
  throw new NoHelper()
}

const OPERATORS: Record<string, string> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  and: 'and',
  or: 'or',
}

function binary({ op, left, right }: Node<'binary'>): string {
  if (op === '~' || (op === '+' && [left, right].some(isText))) return `concat ${parts(left)} ${parts(right)}`
  if (!OPERATORS[op]) throw new NoHelper()
  return helper(OPERATORS[op], [left, right])
}

const isText = (node: Jinja): boolean => node.is === 'text' || (node.is === 'binary' && isText(node.left))

/** `a ~ b ~ c` is one concat. */
function parts(node: Jinja): string {
  return node.is === 'binary' && (node.op === '~' || node.op === '+')
    ? `${parts(node.left)} ${parts(node.right)}`
    : argument(node)
}

function helper(name: string, args: Jinja[]): string {
  if (!Object.hasOwn(HELPERS, name)) throw new NoHelper()
  const [least, most] = HELPERS[name]!.args
  if (args.length < least || args.length > most) throw new NoHelper()
  return [name, ...args.map(argument)].join(' ')
}

const quoted = (text: string): string => (text.includes('"') ? `'${text}'` : `"${text}"`)
