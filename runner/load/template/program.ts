import Handlebars from 'handlebars'
import { withoutEnd } from '../../../contract/ends.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { type ErrorCode, type ErrorFields, PlayError, type Pos } from '../../errors.ts'
import { OverBudget, requireLength, spend, spendOn, withBudget } from '../budget.ts'
import { HELPERS, type Helper } from '../helpers.ts'
import { inside } from '../inside.ts'
import type { Scope } from '../scope.ts'
import { Fault } from './fault.ts'
import { followPath } from './paths.ts'
import { isStraight, runStraight } from './straight.ts'
import { adviseJinja, parse } from './syntax.ts'
import { type Site, type Transformed, transform } from './transform.ts'
import { assertKnown, kindOf, scalarText } from './values.ts'

/** Where a text stands; asked only when something is wrong. */
export type Locate = () => Pos | undefined

/** A compiled text, which may stand in many places. */
export interface Program {
  roots: readonly string[]
  /** The helpers it calls. */
  calls: readonly string[]
  /** @throws {PlayError} template, variable; {UnknownError} */
  run(scope: Scope, locate: Locate): unknown
}

interface Run {
  scope: Scope
  sites: readonly Site[]
  value: unknown
  /** Where it is. */
  at: Site | undefined
  fail(site: Site, message: string, hint?: ErrorFields['hint'], code?: ErrorCode): never
}

type HelperOptions = { data: { run: Run } }
type Block = (...args: unknown[]) => string
type EachOptions = HelperOptions & { fn: Block }

const handlebars = Handlebars.create()
const programs = new Map<string, Program>()

/** Compiled once for each text, run for each host. @throws {Fault} */
export function programFor(text: string): Program {
  const known = programs.get(text)
  if (known) return known
  const program = compile(text)
  programs.set(text, program)
  return program
}

/** The error for a fault in a text, at its place. */
export function placed(fault: Fault, text: string, locate: Locate): PlayError {
  const { message, start, length, hint, code } = fault
  const pos = () => {
    const whole = locate()
    return whole && inside(whole, text, start, length)
  }
  return new PlayError(code, message, { pos, hint })
}

function compile(text: string): Program {
  const { ast, sites, roots, calls, single, path } = understand(text)
  const output = isStraight(ast) ? straight(ast) : compiled(ast)
  return {
    roots: [...roots],
    calls: [...calls],
    run(scope, locate) {
      const run: Run = {
        scope,
        sites,
        value: undefined,
        at: undefined,
        fail(site, message, hint, code = 'template') {
          throw placed(new Fault(message, site.start, site.length, hint, code), text, locate)
        },
      }
      try {
        return withBudget(() => {
          if (path) return known(follow(scope, path, run))
          const said = output(scope, run)
          if (single) return run.value
          requireLength(said.length)
          return said
        })
      } catch (error) {
        if (error instanceof PlayError || error instanceof UnknownError) throw error
        if (error instanceof OverBudget)
          run.fail(run.at ?? WHOLE(text), `this template takes ${error.message}`, BUDGET_HINT)
        throw new PlayError('template', `this template cannot be rendered: ${(error as Error).message}`, {
          pos: locate(),
          cause: error,
        })
      }
    },
  }
}

type Output = (scope: Scope, run: Run) => string

function straight(ast: hbs.AST.Program): Output {
  knownHelpers()
  return (scope, run) =>
    runStraight(ast, scope, (name, args) =>
      RUNTIME[name]!(...args, { data: { run } } satisfies HelperOptions),
    )
}

function compiled(ast: hbs.AST.Program): Output {
  const template = handlebars.compile(ast, {
    noEscape: true,
    knownHelpers: knownHelpers(),
    knownHelpersOnly: true,
  })
  // `partial` hands the helpers over as they are; otherwise Handlebars wraps and merges them at each call.
  return (scope, run) => template(scope, { partial: true, data: { root: scope, run }, helpers: RUNTIME })
}

const BUDGET_HINT = '{{#each}} in {{#each}} multiplies: let one of them go through less'

const WHOLE = (text: string): Site => ({
  start: 0,
  length: text.length,
  text,
  parts: [],
  fromRoot: false,
  tolerant: false,
})

/** A block that is run once for each item: each of them is counted, and so is what they make together. */
function counted(fn: Block): Block {
  let length = 0
  return (...args) => {
    // A frame of variables is made for it.
    spend(20)
    const text = fn(...args)
    length += text.length
    requireLength(length)
    return text
  }
}

const follow = (base: unknown, site: Site, run: Run): unknown => {
  run.at = site
  spend(1)
  return followFrom(base, site, run)
}

const followFrom = (base: unknown, site: Site, run: Run): unknown =>
  followPath(base, site, run.scope, (message, hint) => run.fail(site, message, hint, 'variable'))

function known(value: unknown): unknown {
  assertKnown(value, true)
  return value
}

function understand(text: string): Transformed {
  try {
    const ast = parse(text)
    try {
      return transform(text, ast)
    } catch (error) {
      throw error instanceof Fault ? adviseJinja(text, error) : error
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // Out of stack, in Handlebars or in what explains Jinja.
    throw new Fault('this is nested too deep', Math.max(0, text.indexOf('{{')), 2, 'make variables of parts')
  }
}

const RUNTIME: Record<string, (...args: unknown[]) => unknown> = Object.assign(Object.create(null), {
  if: handlebars.helpers.if,
  unless: handlebars.helpers.unless,
  each(this: unknown, items: unknown, options: EachOptions): unknown {
    return handlebars.helpers.each!.call(this, items, { ...options, fn: counted(options.fn) })
  },
  with: handlebars.helpers.with,
  __get: (base: unknown, id: number, { data: { run } }: HelperOptions): unknown =>
    follow(base, run.sites[id]!, run),
  __out(value: unknown, id: number, { data: { run } }: HelperOptions): string {
    assertKnown(value)
    run.at = run.sites[id]
    spend(1)
    const text = scalarText(value)
    if (text !== undefined) return text
    const { fail, sites } = run
    if (typeof value === 'symbol')
      fail(sites[id]!, 'omit cannot stand inside text', 'it must be the whole value: "{{default x omit}}"')
    const expression = withoutEnd(sites[id]!.text.replace(/^\{+[~&]?/, ''), /\}/)
      .replace(/~$/, '')
      .trim()
    const inner = /\s/.test(expression) ? `(${expression})` : expression
    const join = Array.isArray(value) ? ` or {{join ${inner} ","}}` : ''
    return fail(sites[id]!, `${kindOf(value)} cannot stand inside text`, `write {{json ${inner}}}${join}`)
  },
  __value(value: unknown, _id: number, { data: { run } }: HelperOptions): void {
    run.value = known(value)
  },
  __list(value: unknown, id: number, { data: { run } }: HelperOptions): unknown {
    if (value === null || typeof value === 'object') return value
    return run.fail(
      run.sites[id]!,
      `{{#each}} goes through a list or a mapping, but this is ${kindOf(value)}`,
      'use {{#if}} to test it, or {{#with}} to look inside it',
    )
  },
})

const KNOWN = Object.fromEntries(Object.keys(RUNTIME).map((name) => [name, true])) as KnownHelpers

/** What a template may call: helpers may have been added since the last one was compiled. */
function knownHelpers(): KnownHelpers {
  for (const [name, helper] of Object.entries(HELPERS)) {
    if (KNOWN[name]) continue
    RUNTIME[name] = adapted(name, helper)
    KNOWN[name] = true
  }
  return KNOWN
}

const adapted =
  (name: string, helper: Helper) =>
  (...args: unknown[]): unknown => {
    const { run } = (args.pop() as HelperOptions).data
    const site = run.sites[args.pop() as number]!
    run.at = site
    spend(1)
    for (const arg of args) {
      assertKnown(arg, helper.deep)
      spendOnArgument(arg, helper.deep)
    }
    const result = helper.run(args, {
      scope: run.scope,
      tolerant: site.tolerant,
      fail: (message, hint) => run.fail(site, `${name}: ${message}`, hint ?? `write ${helper.usage}`),
    })
    assertKnown(result)
    if (typeof result === 'string') requireLength(result.length)
    if (Array.isArray(result)) spend(result.length * 3)
    return result
  }

/** What a helper reads: of a list its elements, of a text its characters, with `deep` all that is in it. */
function spendOnArgument(value: unknown, deep = false): void {
  if (deep) spendOn(value)
  else if (Array.isArray(value)) spend(value.length >> 3)
  else if (typeof value === 'string') spend(value.length >> 6)
}
