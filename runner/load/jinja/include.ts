import { PlayError } from '../../errors.ts'
import { Fault } from '../template/fault.ts'
import type { Statement } from './ast.ts'
import type { StatementCompiler } from './compile-statement.ts'
import { type CompiledUnit, compileUnit } from './compile-unit.ts'
import { type Exec, Out } from './exec.ts'
import { Frame } from './frame.ts'
import type { Library } from './library.ts'
import { Module } from './objects.ts'
import type { Syntax } from './options.ts'
import { Missing, type Run, type Site } from './run.ts'
import { described, listOf, ValueFault } from './value.ts'

type Includes = Extract<Statement, { is: 'include' | 'import' | 'from' | 'extends' }>

/** Statements that bring other templates in. */
export function includer(compiler: StatementCompiler, node: Includes): Exec {
  const name = compiler.expressions.compile(node.template)
  const site = compiler.expressions.site(node.template)
  const found = (frame: Frame, optional = false): CompiledUnit | undefined =>
    load(frame.run, name(frame), site, compiler, optional)
  switch (node.is) {
    case 'include':
      return (frame, out) => {
        const unit = found(frame, node.ignoreMissing)
        if (unit)
          frame.run.deeper(() => runUnit(unit, node.withContext ? frame.included() : alone(frame), out))
        return undefined
      }
    case 'import':
      return (frame) => {
        frame.set(node.as, imported(found(frame)!, frame, node.withContext))
        return undefined
      }
    case 'from':
      return (frame) => {
        const module = imported(found(frame)!, frame, node.withContext)
        for (const { name: wanted, as } of node.names) {
          const found = module.attribute(wanted)
          const why = `the template ${module.name} does not export ${wanted}`
          frame.set(as, found === undefined ? new Missing(why, frame.run, site) : found)
        }
        return undefined
      }
    case 'extends':
      return (frame, out) => {
        if (frame.context.parent) throw new ValueFault('a template extends one other')
        frame.context.parent = found(frame)!
        addBlocks(frame.context.parent, frame)
        out.mute()
        return undefined
      }
  }
}

/** Without the variables of who includes it. */
const alone = (frame: Frame): Frame => Frame.top(frame.run, Object.create(null))

/** Runs a template in a frame of its own, and what it extends. */
export function runUnit(unit: CompiledUnit, frame: Frame, out: Out): void {
  addBlocks(unit, frame)
  unit.exec(frame, out)
  for (let { parent } = frame.context; parent; { parent } = frame.context) {
    const next = parent
    frame.context.parent = undefined
    out.unmute()
    frame.run.deeper(() => next.exec(frame, out))
  }
}

function addBlocks({ blocks, unit }: CompiledUnit, frame: Frame): void {
  for (const [name, block] of blocks) {
    const stack = frame.context.blocks.get(name)
    if (stack) stack.push({ unit, ...block })
    else frame.context.blocks.set(name, [{ unit, ...block }])
  }
}

function imported(unit: CompiledUnit, frame: Frame, withContext: boolean): Module {
  const top = withContext ? frame.included() : alone(frame)
  const out = new Out()
  frame.run.deeper(() => runUnit(unit, top, out))
  return new Module(unit.name, top.own, out.parts)
}

function load(
  run: Run,
  given: unknown,
  site: Site,
  compiler: StatementCompiler,
  optional: boolean,
): CompiledUnit | undefined {
  run.at = site
  const names = typeof given === 'string' ? [given] : listOf(given)
  for (const name of names) {
    if (typeof name !== 'string')
      throw new ValueFault(`the name of a template is text, but this is ${described(name)}`)
    const found = run.load?.(name, site.unit.pos?.file)
    if (found) return compiled(name, found, compiler.library, compiler.syntax)
  }
  if (optional) return undefined
  throw new ValueFault(
    `there is no template ${names.join(', ')}`,
    'it is looked for in templates/ and beside this one',
  )
}

/** By library: what a template may call is compiled in. */
const units = new WeakMap<Library, Map<string, CompiledUnit>>()

function compiled(
  name: string,
  { text, file }: { text: string; file: string },
  library: Library,
  syntax: Syntax,
): CompiledUnit {
  const own = { ...syntax, escapes: true }
  const key = JSON.stringify([file, text, own])
  const table = units.get(library) ?? new Map<string, CompiledUnit>()
  units.set(library, table)
  const known = table.get(key)
  if (known) return known
  const pos = { file, line: 1, col: 1 }
  try {
    const made = compileUnit(text, library, own, name, pos)
    table.set(key, made)
    return made
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new PlayError(error.code, error.message, { pos: placeIn(pos, text, error), hint: error.hint })
  }
}

function placeIn(pos: { file: string; line: number; col: number }, text: string, { start, length }: Fault) {
  const before = text.slice(0, start).split('\n')
  return { ...pos, line: before.length, col: before.at(-1)!.length + 1, length }
}
