import { spend } from '../budget.ts'
import type { Body, FilterCall, Parameter, Statement, Target } from './ast.ts'
import { compileBlock } from './block.ts'
import { call } from './call.ts'
import { ExpressionCompiler } from './compile-expression.ts'
import { type Eval, type Exec, Out } from './exec.ts'
import type { Frame } from './frame.ts'
import { includer } from './include.ts'
import type { Library } from './library.ts'
import { Macro } from './macro.ts'
import { Loop, Module, Namespace } from './objects.ts'
import type { Syntax } from './options.ts'
import type { Unit } from './unit.ts'
import { described, iterate, ValueFault } from './value.ts'

type Statements<Kind extends Statement['is']> = Extract<Statement, { is: Kind }>

/** Makes functions of statements, once for each text. @throws {Fault} */
export class StatementCompiler {
  readonly expressions: ExpressionCompiler
  /** The blocks of this template, for those that it extends. */
  readonly blocks = new Map<string, { exec: Exec; required: boolean }>()

  constructor(
    readonly unit: Unit,
    readonly library: Library,
    readonly syntax: Syntax,
  ) {
    this.expressions = new ExpressionCompiler(unit, library)
  }

  body(body: Body): Exec {
    const all = body.map((statement) => this.statement(statement))
    if (all.length === 1) return all[0]!
    return (frame, out) => {
      for (const one of all) {
        const leave = one(frame, out)
        if (leave) return leave
      }
      return undefined
    }
  }

  /** What a body prints. */
  captured(body: Body): Eval {
    const exec = this.body(body)
    return (frame) => {
      const out = new Out()
      exec(frame, out)
      return out.joined()
    }
  }

  statement(node: Statement): Exec {
    switch (node.is) {
      case 'data':
        return (_, out) => {
          out.push(node.text)
          return undefined
        }
      case 'print':
        return this.#print(node)
      case 'if':
        return this.#if(node)
      case 'for':
        return this.#for(node)
      case 'set': {
        const value = this.expressions.compile(node.value)
        const assign = this.assign(node.target)
        return (frame) => assign(frame, value(frame))
      }
      case 'set_block': {
        const filters = this.#filters(node.filters)
        const captured = this.captured(node.body)
        const assign = this.assign(node.target)
        return (frame) => assign(frame, filters(frame, captured(frame.inner())))
      }
      case 'macro': {
        const make = this.#macro(node.name, node.params, node.body)
        return (frame) => {
          frame.set(node.name, make(frame))
          return undefined
        }
      }
      case 'call_block':
        return this.#callBlock(node)
      case 'filter_block': {
        const filters = this.#filters(node.filters)
        const captured = this.captured(node.body)
        return (frame, out) => {
          out.push(filters(frame, captured(frame.inner())))
          return undefined
        }
      }
      case 'with':
        return this.#with(node)
      case 'scope': {
        const body = this.body(node.body)
        return (frame, out) => body(frame.inner(), out)
      }
      case 'do': {
        const value = this.expressions.compile(node.value)
        return (frame) => {
          value(frame)
          return undefined
        }
      }
      case 'break':
      case 'continue':
        return () => node.is
      case 'block':
        return compileBlock(this, node)
      default:
        return includer(this, node)
    }
  }

  #print(node: Statements<'print'>): Exec {
    const value = this.expressions.compile(node.value)
    return (frame, out) => {
      spend(1)
      const made = value(frame)
      if (made instanceof Module) for (const part of made.parts) out.push(part)
      else out.push(made)
      return undefined
    }
  }

  #if(node: Statements<'if'>): Exec {
    const branches = node.branches.map(
      ({ condition, body }) => [this.expressions.condition(condition), this.body(body)] as const,
    )
    const otherwise = this.body(node.otherwise)
    return (frame, out) => {
      for (const [holds, body] of branches) if (holds(frame)) return body(frame, out)
      return otherwise(frame, out)
    }
  }

  #for(node: Statements<'for'>): Exec {
    const of = this.expressions.compile(node.of)
    const site = this.expressions.site(node.of)
    const assign = this.assign(node.target)
    const condition = node.condition && this.expressions.condition(node.condition)
    const body = this.body(node.body)
    const otherwise = this.body(node.otherwise)
    const go = (frame: Frame, out: Out, value: unknown, depth0: number): void => {
      frame.run.at = site
      const items = iterate(value)
      if (items === undefined)
        throw new ValueFault(
          `a loop goes through a list, but this is ${described(value)}`,
          'a number is counted by range(n)',
        )
      const list = condition ? this.#chosen(frame, items, assign, condition) : [...items]
      if (list.length === 0) {
        otherwise(frame.inner(), out)
        return
      }
      const again = node.recursive
        ? (inner: unknown, depth: number) => {
            const made = new Out()
            go(frame, made, inner, depth)
            return made.joined()
          }
        : undefined
      const loop = new Loop(list, depth0, again)
      for (const item of list) {
        spend(20)
        loop.index0++
        const inner = frame.inner()
        inner.set('loop', loop)
        frame.run.at = site
        assign(inner, item)
        if (body(inner, out) === 'break') break
      }
    }
    return (frame, out) => {
      go(frame, out, of(frame), 0)
      return undefined
    }
  }

  #chosen(
    frame: Frame,
    items: Iterable<unknown>,
    assign: (frame: Frame, value: unknown) => undefined,
    condition: (frame: Frame) => boolean,
  ): unknown[] {
    const chosen: unknown[] = []
    for (const item of items) {
      spend(20)
      const inner = frame.inner()
      assign(inner, item)
      if (condition(inner)) chosen.push(item)
    }
    return chosen
  }

  /** What gives a value to a name, several to several, or to a member of a namespace. */
  assign(target: Target): (frame: Frame, value: unknown) => undefined {
    const site = this.expressions.site(target)
    if (target.is === 'name')
      return (frame, value) => {
        frame.set(target.name, value)
        return undefined
      }
    if (target.is === 'member')
      return (frame, value) => {
        const space = frame.read(target.of)
        frame.run.at = site
        if (!(space instanceof Namespace))
          throw new ValueFault(
            `${target.of} is no namespace`,
            `write {% set ${target.of} = namespace(${target.name}=…) %} before`,
          )
        space.set(target.name, value)
        return undefined
      }
    const parts = target.items.map((item) => this.assign(item))
    return (frame, value) => {
      frame.run.at = site
      const items = iterate(value)
      const list = items === undefined ? undefined : [...items]
      if (list?.length !== parts.length)
        throw new ValueFault(
          `${parts.length} values are needed for these names, but this is ${list ? `${list.length}` : described(value)}`,
        )
      for (const [index, part] of parts.entries()) part(frame, list[index])
      return undefined
    }
  }

  #filters(nodes: readonly FilterCall[]): (frame: Frame, value: unknown) => unknown {
    const filters = nodes.map((node) => this.expressions.filter(node))
    return (frame, value) => {
      let made = value
      for (const filter of filters) made = filter(frame, made)
      return made
    }
  }

  #macro(name: string, params: readonly Parameter[], body: Body): (frame: Frame) => Macro {
    const fallbacks = params.map(({ fallback }) => fallback && this.expressions.compile(fallback))
    const captured = this.captured(body)
    const used = namesIn(this.unit.text, body)
    const shape = {
      name,
      params: params.map((param, index) => ({ name: param.name, fallback: fallbacks[index] })),
      takesRest: used.has('varargs'),
      takesMore: used.has('kwargs'),
      takesCaller: used.has('caller'),
      body: captured,
    }
    return (frame) => new Macro(shape, frame)
  }

  #callBlock(node: Statements<'call_block'>): Exec {
    const caller = this.#macro('caller', node.params, node.body)
    const callee = this.expressions.compile(node.call.of)
    const given = this.expressions.given(node.call)
    const site = this.expressions.site(node.call)
    return (frame, out) => {
      const macro = callee(frame)
      const { args, named } = given(frame)
      frame.run.at = site
      out.push(call(frame.run, macro, args, { ...named, caller: caller(frame) }))
      return undefined
    }
  }

  #with(node: Statements<'with'>): Exec {
    const pairs = node.pairs.map(
      ({ target, value }) => [this.assign(target), this.expressions.compile(value)] as const,
    )
    const body = this.body(node.body)
    return (frame, out) => {
      const inner = frame.inner()
      const values = pairs.map(([, value]) => value(frame))
      for (const [index, [assign]] of pairs.entries()) assign(inner, values[index])
      return body(inner, out)
    }
  }
}

/** Words in the text of a body: whether a macro asks for varargs, kwargs or caller. */
function namesIn(text: string, body: Body): Set<string> {
  const start = body[0]?.start ?? 0
  const end = body.at(-1)?.end ?? 0
  return new Set(text.slice(start, end).match(/\b(?:varargs|kwargs|caller)\b/g))
}
