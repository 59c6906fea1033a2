import { UnknownError } from '../../../contract/unknown.ts'
import { spend } from '../budget.ts'
import type { LibraryFunction } from '../functions/function.ts'
import { didYouMean } from '../nearest.ts'
import { Fault } from '../template/fault.ts'
import type { Arguments, FilterCall, Jinja, Node, Span } from './ast.ts'
import { attributeOf, itemOf, methodOf, sliceOf } from './attributes.ts'
import { attempt, call, firstUndefined } from './call.ts'
import type { Eval } from './exec.ts'
import type { Frame } from './frame.ts'
import { functionCall } from './function-call.ts'
import { GLOBALS } from './globals.ts'
import type { Library } from './library.ts'
import { OPERATIONS, signed } from './operators.ts'
import { assertNoUnknown, Missing, type Run, type Site } from './run.ts'
import { bind, type Named, signature } from './signature.ts'
import { adviceFor } from './undefined.ts'
import type { Unit } from './unit.ts'
import {
  assertValue,
  dictOf,
  entries,
  isDict,
  listOf,
  str,
  Tuple,
  truthy,
  Undefined,
  ValueFault,
} from './value.ts'

type Given = (frame: Frame) => { args: unknown[]; named: Named }

/** Makes functions of expressions, once for each text. @throws {Fault} for a filter or a test that there is not */
export class ExpressionCompiler {
  constructor(
    readonly unit: Unit,
    readonly library: Library,
  ) {}

  site({ start, end }: Span): Site {
    return { unit: this.unit, start, end }
  }

  compile(node: Jinja): Eval {
    switch (node.is) {
      case 'text':
      case 'number':
      case 'constant': {
        const { value } = node
        return () => value
      }
      case 'name':
        return this.#name(node)
      case 'list':
        return this.#items(node.items)
      case 'tuple': {
        const items = this.#items(node.items)
        return (frame) => Tuple.holding(items(frame))
      }
      case 'dict':
        return this.#dict(node)
      case 'attribute': {
        const of = this.compile(node.of)
        const site = this.site(node)
        return (frame) => {
          const value = of(frame)
          frame.run.at = site
          return attributeOf(frame.run, value, node.name)
        }
      }
      case 'item':
        return this.#item(node)
      case 'slice':
        throw new Fault('a part is written behind a value: list[1:3]', node.start, node.end - node.start)
      case 'call':
        return this.#call(node)
      case 'filter': {
        const of = this.compile(node.of)
        const filter = this.filter(node)
        return (frame) => filter(frame, of(frame))
      }
      case 'test':
        return this.#test(node)
      case 'not': {
        const of = this.compile(node.of)
        const site = this.site(node.of)
        return (frame) => {
          const value = of(frame)
          frame.run.at = site
          return !truthy(value)
        }
      }
      case 'sign': {
        const of = this.compile(node.of)
        const site = this.site(node)
        return (frame) => {
          const value = of(frame)
          frame.run.at = site
          return signed(node.op, value)
        }
      }
      case 'binary':
        return this.#binary(node)
      case 'compare':
        return this.#compare(node)
      case 'choice':
        return this.#choice(node)
    }
  }

  /** Whether it holds, by Python's truth. */
  condition(node: Jinja): (frame: Frame) => boolean {
    const value = this.compile(node)
    const site = this.site(node)
    return (frame) => {
      const found = value(frame)
      frame.run.at = site
      return truthy(found)
    }
  }

  #name(node: Node<'name'>): Eval {
    const { name } = node
    const site = this.site(node)
    return (frame) => {
      const value = frame.read(name)
      if (value !== undefined) return value
      return (
        GLOBALS.get(name) ??
        new Missing(`the variable ${name} is not defined`, frame.run, site, () =>
          adviceFor(name, frame.scope),
        )
      )
    }
  }

  #items(nodes: readonly Jinja[]): (frame: Frame) => unknown[] {
    const items = nodes.map((node) => this.compile(node))
    return (frame) => items.map((item) => item(frame))
  }

  #dict(node: Node<'dict'>): Eval {
    const items = node.items.map(({ key, value }) => [this.compile(key), this.compile(value)] as const)
    const site = this.site(node)
    return (frame) => {
      const pairs = items.map(([key, value]) => [key(frame), value(frame)] as const)
      frame.run.at = site
      for (const [key] of pairs) assertValue(key)
      return dictOf(pairs)
    }
  }

  #item(node: Node<'item'>): Eval {
    const of = this.compile(node.of)
    const site = this.site(node)
    if (node.key.is === 'slice') {
      const [from, to, step] = [node.key.from, node.key.to, node.key.step].map((part) =>
        part ? this.compile(part) : () => null,
      )
      return (frame) => {
        const value = of(frame)
        const bounds = [from!(frame), to!(frame), step!(frame)]
        frame.run.at = site
        if (value instanceof Undefined) return value
        for (const bound of bounds) assertValue(bound)
        return sliceOf(value, bounds[0], bounds[1], bounds[2])
      }
    }
    const key = this.compile(node.key)
    return (frame) => {
      const value = of(frame)
      const found = key(frame)
      frame.run.at = site
      return itemOf(frame.run, value, found)
    }
  }

  #call(node: Node<'call'>): Eval {
    const given = this.given(node)
    const site = this.site(node)
    if (node.of.is === 'attribute') return this.#method(node, node.of, given, site)
    const of = this.compile(node.of)
    return (frame) => {
      const callee = of(frame)
      const { args, named } = given(frame)
      frame.run.at = site
      return call(frame.run, callee, args, named)
    }
  }

  /** A method is called without making a value of it before. */
  #method(node: Node<'call'>, { of, name }: Node<'attribute'>, given: Given, site: Site): Eval {
    const self = this.compile(of)
    const attributeSite = this.site(node.of)
    return (frame) => {
      const { run } = frame
      const value = self(frame)
      run.at = attributeSite
      const method = methodOf(value, name)
      if (!method) {
        const callee = attributeOf(run, value, name)
        const { args, named } = given(frame)
        run.at = site
        return call(run, callee, args, named)
      }
      const { args, named } = given(frame)
      run.at = site
      spend(3)
      const undefinedOne = firstUndefined(args, named)
      if (undefinedOne) return undefinedOne
      return attempt(run, () =>
        method.body(value as never, bind(signature(method.params), args, named, name), run),
      )
    }
  }

  /** Arguments of a call, `*rest` and `**more` taken apart. */
  given({ args, named, rest, more }: Arguments): Given {
    const byPosition = args.map((arg) => this.compile(arg))
    const byName = [...named].map(([name, value]) => [name, this.compile(value)] as const)
    const restOf = rest && this.compile(rest)
    const moreOf = more && this.compile(more)
    if (!restOf && !moreOf && byName.length === 0)
      return (frame) => ({ args: byPosition.map((arg) => arg(frame)), named: NONE })
    return (frame) => {
      const list = byPosition.map((arg) => arg(frame))
      if (restOf) for (const item of listOf(restOf(frame))) list.push(item)
      const pairs: [string, unknown][] = byName.map(([name, value]) => [name, value(frame)])
      if (moreOf) pairs.push(...namedOf(moreOf(frame)))
      return { args: list, named: Object.fromEntries(pairs) }
    }
  }

  /** @returns what makes of a value the filter's */
  filter(node: FilterCall): (frame: Frame, value: unknown) => unknown {
    const fn = this.#function(node, 'filter')
    return this.#invoked(fn, node)
  }

  #function(node: Span & { name: string }, is: 'filter' | 'test'): LibraryFunction {
    const { filters, tests } = this.library
    const [table, others] = is === 'filter' ? [filters, tests] : [tests, filters]
    const found = table.get(node.name)
    if (found) return found
    const other = is === 'filter' ? `is a test: x is ${node.name}` : `is a filter: x | ${node.name}`
    const hint = others.has(node.name) ? `${node.name} ${other}` : didYouMean(node.name, table.keys())
    const start = Math.max(0, this.unit.text.indexOf(node.name, node.start))
    throw new Fault(`there is no ${is} ${node.name}`, start, node.name.length, hint)
  }

  #invoked(fn: LibraryFunction, node: FilterCall): (frame: Frame, value: unknown) => unknown {
    const given = this.given(node)
    const site = this.site(node)
    const params = signature(fn.params)
    const { name } = node
    return (frame, value) => {
      const { run } = frame
      const { args, named } = given(frame)
      run.at = site
      spend(3)
      assertNoUnknown(value)
      if (!fn.takesUndefined) {
        if (value instanceof Undefined) return value
        const undefinedOne = firstUndefined(args, named)
        if (undefinedOne) return undefinedOne
      }
      return attempt(run, () => {
        // Such a function may answer without looking at what it is given.
        if (!fn.takesUndefined)
          for (const one of [value, ...args, ...Object.values(named)]) run.requireKnown(one)
        return result(run, fn.run([value, ...bind(params, args, named, name)], functionCall(run, name)))
      })
    }
  }

  #test(node: Node<'test'>): Eval {
    const of = this.compile(node.of)
    const invoked = this.#invoked(this.#function(node, 'test'), node)
    return (frame) => invoked(frame, of(frame))
  }

  #binary(node: Node<'binary'>): Eval {
    const left = this.compile(node.left)
    const right = this.compile(node.right)
    const site = this.site(node)
    const { op } = node
    if (op === 'and' || op === 'or')
      return (frame) => {
        const value = left(frame)
        frame.run.at = site
        return truthy(value) === (op === 'or') ? value : right(frame)
      }
    const operation = OPERATIONS[op]
    return (frame) => {
      const a = left(frame)
      const b = right(frame)
      frame.run.at = site
      // An empty list does not look at what it is asked for.
      if (op !== 'in') assertValue(a)
      assertValue(b)
      return operation(a, b)
    }
  }

  #compare(node: Node<'compare'>): Eval {
    const first = this.compile(node.left)
    const rest = node.rest.map(({ op, right }) => [OPERATIONS[op], this.compile(right)] as const)
    const site = this.site(node)
    return (frame) => {
      let left = first(frame)
      for (const [operation, next] of rest) {
        const right = next(frame)
        frame.run.at = site
        if (!operation(left, right)) return false
        left = right
      }
      return true
    }
  }

  #choice(node: Node<'choice'>): Eval {
    const condition = this.condition(node.condition)
    const yes = this.compile(node.yes)
    const no = node.no && this.compile(node.no)
    const site = this.site(node)
    return (frame) => {
      if (condition(frame)) return yes(frame)
      if (no) return no(frame)
      return new Missing(
        'the condition does not hold, and there is no else',
        frame.run,
        site,
        () => 'write x if y else z',
      )
    }
  }
}

const NONE: Named = Object.freeze({})

function namedOf(value: unknown): [string, unknown][] {
  if (!isDict(value)) throw new ValueFault('** takes a dict')
  return entries(value).map(([key, item]) => [str(key), item])
}

/** What a function of the library gave. */
function result(run: Run, value: unknown): unknown {
  if (typeof value === 'string') run.made(value)
  else if (Array.isArray(value)) spend(value.length)
  if (value instanceof UnknownError) throw value
  return value === undefined ? null : value
}

/** Without a look at their values: some are worked out when they are read. */
