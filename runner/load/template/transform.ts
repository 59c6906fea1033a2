import { HELPERS } from '../helpers.ts'
import { didYouMean } from '../nearest.ts'
import { Fault } from './fault.ts'

/** A place in the text that can fail while rendering. */
export interface Site {
  start: number
  length: number
  /** As written: `a.b.[c d]`. */
  text: string
  /** Keys to follow from the base. */
  parts: readonly string[]
  /** The base is the variables, not an item of a block. */
  fromRoot: boolean
  /** A missing key gives undefined, for `default`. */
  tolerant: boolean
}

export interface Transformed {
  ast: hbs.AST.Program
  sites: readonly Site[]
  roots: ReadonlySet<string>
  /** The helpers it calls. */
  calls: ReadonlySet<string>
  /** The text is one expression, whose value keeps its type. */
  single: boolean
  /** The text is `{{a.b}}` and nothing else, which needs no compiled code. */
  path?: Site
}

const BLOCKS = ['if', 'unless', 'each', 'with']
const DATA = ['index', 'key', 'first', 'last', 'root']

/**
 * Rewrites a parsed template so that nothing is looked up, called or printed but through our own helpers: Handlebars'
 * strict mode leaves `{{a.constructor}}` empty, prints `[object Object]` and takes `{{#if missing}}` for false.
 * @throws {Fault}
 */
export function transform(text: string, ast: hbs.AST.Program): Transformed {
  const body = ast.body.filter((statement) => statement.type !== 'CommentStatement')
  const single = body.length === 1 && body[0]!.type === 'MustacheStatement'
  const transformer = new Transformer(text)
  const { sites, roots, calls } = transformer
  const rewritten = transformer.program(single ? { ...ast, body } : ast, single ? '__value' : '__out')
  const isOnlyPath = single && isPath(body[0]!)
  return { ast: rewritten, sites, roots, calls, single, path: isOnlyPath ? sites[0] : undefined }
}

function isPath(statement: hbs.AST.Statement): boolean {
  const { path, params } = statement as hbs.AST.MustacheStatement
  return path.type === 'PathExpression' && params.length === 0 && !(path as hbs.AST.PathExpression).data
}

class Transformer {
  readonly sites: Site[] = []
  readonly roots = new Set<string>()
  readonly calls = new Set<string>()
  readonly #lineStarts: number[] = [0]
  /** What `this` is, innermost last. */
  readonly #contexts: ('root' | 'item')[] = ['root']
  readonly #blockParams: string[] = []

  constructor(readonly text: string) {
    for (const match of text.matchAll(/\r\n?|\n/g)) this.#lineStarts.push(match.index + match[0].length)
  }

  program(node: hbs.AST.Program, print: '__out' | '__value' = '__out'): hbs.AST.Program {
    return { ...node, body: node.body.map((statement) => this.#statement(statement, print)) }
  }

  #statement(node: hbs.AST.Statement, print: string): hbs.AST.Statement {
    switch (node.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        return node
      case 'MustacheStatement':
        return this.#mustache(node as hbs.AST.MustacheStatement, print)
      case 'BlockStatement':
        return this.#block(node as hbs.AST.BlockStatement)
      case 'PartialStatement':
      case 'PartialBlockStatement':
        return this.#fail(
          'partials ({{> name}}) are not supported',
          node,
          'write the text here, or as a variable',
        )
      default:
        return this.#fail('decorators ({{* name}}) are not supported', node, 'remove it')
    }
  }

  #mustache(node: hbs.AST.MustacheStatement, print: string): hbs.AST.Statement {
    const plain = node.params.length === 0 && !node.hash
    const value = plain ? this.#expression(node.path) : this.#call(node)
    return {
      ...node,
      ...call(print, [value, this.#site(node)]),
      type: 'MustacheStatement',
    }
  }

  #block(node: hbs.AST.BlockStatement): hbs.AST.Statement {
    const name = node.path.original
    if (!BLOCKS.includes(name)) {
      const hint = Object.hasOwn(HELPERS, name)
        ? `write {{${HELPERS[name]!.usage}}}`
        : `write {{#if ${name}}}, {{#each ${name}}} or {{#with ${name}}}`
      this.#fail(`there is no block {{#${name}}}; the blocks are ${BLOCKS.join(', ')}`, node.path, hint)
    }
    if (node.params.length !== 1 || node.hash) {
      const hint = 'put a call of a helper in parentheses: {{#if (eq a b)}}'
      this.#fail(`{{#${name}}} takes exactly one value`, node.path, hint)
    }
    const param = this.#expression(node.params[0]!)
    const entersItem = name === 'each' || name === 'with'
    const names = node.program?.blockParams ?? []
    if (names.length > 0 && !entersItem)
      this.#fail(`{{#${name}}} gives no values to name with as |…|`, node.path)
    const params = name === 'each' ? [call('__list', [param, this.#site(node.params[0]!)])] : [param]

    if (entersItem) this.#contexts.push('item')
    this.#blockParams.push(...names)
    const program = node.program && this.program(node.program)
    this.#blockParams.length -= names.length
    if (entersItem) this.#contexts.pop()
    const inverse = node.inverse && this.program(node.inverse)
    return { ...node, params, program, inverse } as hbs.AST.BlockStatement
  }

  #expression(node: hbs.AST.Expression, tolerant = false): hbs.AST.Expression {
    switch (node.type) {
      case 'PathExpression':
        return this.#path(node as hbs.AST.PathExpression, tolerant)
      case 'SubExpression':
        return this.#call(node as hbs.AST.SubExpression, tolerant)
      case 'UndefinedLiteral':
        return this.#fail('undefined is no value', node, 'write null')
      default:
        return node
    }
  }

  /** `a.b.c` becomes `(__get <what a is looked up in> site)`; the site knows the keys. */
  #path(node: hbs.AST.PathExpression, tolerant: boolean): hbs.AST.Expression {
    const { parts, depth, data } = node
    if (data) return this.#dataPath(node, tolerant)
    if (depth === 0 && !isScoped(node) && this.#blockParams.includes(parts[0] ?? '')) {
      const base = { ...node, parts: parts.slice(0, 1) }
      return call('__get', [base, this.#site(node, { parts: parts.slice(1), tolerant })])
    }
    this.#refuseList(node)
    const context = this.#contexts.at(-1 - depth)
    if (!context) this.#fail(`${node.original} climbs above the variables`, node, 'remove a ../')
    const fromRoot = context === 'root'
    if (fromRoot) this.roots.add(parts[0] ?? 'vars')
    const base = { ...node, parts: [] }
    return call('__get', [base, this.#site(node, { parts, fromRoot, tolerant })])
  }

  /** `[x]` is a name with odd characters to Handlebars, and a list with one element to Jinja: a plain one needs no brackets. */
  #refuseList(node: hbs.AST.PathExpression): void {
    const text = this.text.slice(this.#offset(node.loc.start), this.#offset(node.loc.end))
    const inner = /^\[(.*)\]$/s.exec(text)?.[1]?.trim()
    if (inner !== undefined && (/^([A-Za-z_][\w.]*$|['"])/.test(inner) || inner.includes(',')))
      this.#fail('a list cannot be written in a template', node, 'write it in YAML, as a variable')
  }

  #dataPath(node: hbs.AST.PathExpression, tolerant: boolean): hbs.AST.Expression {
    const [name = '', ...parts] = node.parts
    if (!DATA.includes(name)) {
      this.#fail(`there is no @${name}; there are ${DATA.map((known) => `@${known}`).join(', ')}`, node)
    }
    if (name === 'root') this.roots.add(parts[0] ?? 'vars')
    else if (!this.#contexts.includes('item')) this.#fail(`@${name} exists only inside {{#each}}`, node)
    const base = { ...node, parts: [name] }
    return call('__get', [base, this.#site(node, { parts, fromRoot: name === 'root', tolerant })])
  }

  #call(node: hbs.AST.SubExpression | hbs.AST.MustacheStatement, tolerant = false): hbs.AST.Expression {
    const path = node.path as hbs.AST.PathExpression
    if (path.type !== 'PathExpression') this.#fail('a literal takes no arguments', path)
    const name = path.original
    const helper = path.depth === 0 && !path.data && Object.hasOwn(HELPERS, name) ? HELPERS[name] : undefined
    if (!helper) {
      this.#fail(
        `there is no helper ${name}`,
        path,
        didYouMean(name, Object.keys(HELPERS), 'docs/templates.md lists the helpers'),
      )
    }
    this.calls.add(name)
    if (node.hash) this.#fail(`${name} takes no name=value arguments`, node.hash, `write ${helper.usage}`)
    const [least, most] = helper.args
    if (node.params.length < least || node.params.length > most) {
      this.#fail(`${name} does not take ${node.params.length} values`, path, `write ${helper.usage}`)
    }
    if (name === 'has') this.#hasRoots(node.params)
    const lenient = tolerant && name === 'lookup'
    const args = node.params.map((param, index) =>
      this.#expression(param, (name === 'default' || lenient) && index === 0),
    )
    return call(name, [...args, this.#site(path, { tolerant: lenient })])
  }

  /** `has "x"` reads the variable x; with a name that is computed it may be any. */
  #hasRoots(params: hbs.AST.Expression[]): void {
    if (params.length > 1) return
    const [name] = params as [hbs.AST.StringLiteral]
    this.roots.add(name.type === 'StringLiteral' ? name.value : 'vars')
  }

  #site(node: hbs.AST.Node, fields: Partial<Site> = {}): hbs.AST.NumberLiteral {
    const start = this.#offset(node.loc.start)
    const length = this.#offset(node.loc.end) - start
    const text = this.text.slice(start, start + length)
    const id =
      this.sites.push({ start, length, text, parts: [], fromRoot: false, tolerant: false, ...fields }) - 1
    return { type: 'NumberLiteral', value: id, original: id, loc: node.loc }
  }

  #offset({ line, column }: hbs.AST.Position): number {
    return this.#lineStarts[line - 1]! + column
  }

  #fail(message: string, node: hbs.AST.Node, hint?: string): never {
    const start = this.#offset(node.loc.start)
    throw new Fault(message, start, this.#offset(node.loc.end) - start, hint)
  }
}

/** `this.x` and `./x` name a key of the context, never a block parameter. */
const isScoped = ({ original }: hbs.AST.PathExpression): boolean =>
  original.startsWith('.') ||
  original === 'this' ||
  original.startsWith('this.') ||
  original.startsWith('this/')

function call(name: string, params: hbs.AST.Expression[]): hbs.AST.SubExpression {
  const loc = params[0]!.loc
  const path = { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc }
  return { type: 'SubExpression', path, params, loc } as unknown as hbs.AST.SubExpression
}
