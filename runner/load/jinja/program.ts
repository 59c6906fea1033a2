import { withBudget } from '../budget.ts'
import type { Scope } from '../scope.ts'
import { Fault } from '../template/fault.ts'
import type { Program } from '../template/program.ts'
import { OMIT } from '../template.ts'
import { type Uses, usesOfBody, usesOfExpression } from './analyse.ts'
import { blocksOf } from './block.ts'
import { ExpressionCompiler } from './compile-expression.ts'
import { compileUnit } from './compile-unit.ts'
import { type Eval, Out } from './exec.ts'
import { Frame } from './frame.ts'
import { headed } from './header.ts'
import { runUnit } from './include.ts'
import type { Library } from './library.ts'
import { IN_YAML, type Syntax } from './options.ts'
import { type Load, type Locate, Run } from './run.ts'
import { newlinesAtEnd, Unit } from './unit.ts'
import { plain } from './value.ts'

export interface JinjaOptions {
  library: Library
  /** How the text is to be read; as values of YAML are where nothing is said. */
  syntax?: Syntax
}

/** A compiled text, which may stand in many places and is run for many hosts. */
export interface JinjaProgram extends Program {
  /** @param load where templates that it includes are found */
  run(scope: Scope, locate: Locate, load?: Load): unknown
}

/** Compiles a text with {{ }}, {% %} or {# #}. @throws {Fault} */
export function compileJinja(text: string, options: JinjaOptions): JinjaProgram {
  const { rest, offset, syntax } = headed(text, options.syntax ?? IN_YAML)
  const { unit, body, exec, blocks, name } = shifted(offset, () =>
    compileUnit(rest, options.library, syntax, ''),
  )
  const { newline_sequence } = syntax
  const site = { unit, start: 0, end: unit.text.length }
  return program(unit, usesOfBody(body), options, text, offset, (frame) => {
    const out = new Out()
    frame.set('self', blocksOf(frame, site))
    runUnit({ unit, body, exec, blocks, name }, frame, out)
    const made = out.joined()
    if (typeof made !== 'string') return made
    // Jinja takes the last newline away; Ansible gives back as many as the text had.
    const missing = unit.newlinesAtEnd() - newlinesAtEnd(made)
    return missing > 0 ? made + newline_sequence.repeat(missing) : made
  })
}

/** Compiles an expression alone, as `when` has it. @throws {Fault} */
export function compileJinjaExpression(text: string, options: JinjaOptions): JinjaProgram {
  const unit = new Unit(text, true)
  const node = unit.expression()
  const value = new ExpressionCompiler(unit, options.library).compile(node)
  return program(unit, usesOfExpression(node), options, text, 0, value)
}

function program(
  unit: Unit,
  uses: Uses,
  { library }: JinjaOptions,
  text: string,
  offset: number,
  value: Eval,
): JinjaProgram {
  return {
    roots: [...uses.roots],
    calls: [...uses.calls],
    run(scope, locate, load) {
      const run = new Run(scope, unit, locate, library, load, uses.changes, { text, offset })
      try {
        return withBudget(() => left(value(Frame.top(run))))
      } catch (error) {
        throw run.error(error)
      }
    },
  }
}

/** What an expression gives to variables and arguments. */
function left(value: unknown): unknown {
  return value === OMIT ? OMIT : plain(value, (part) => part === OMIT)
}

/** Faults of what stands behind a first line. */
function shifted<T>(offset: number, compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    if (error instanceof RangeError)
      throw new Fault('this is nested too deep', offset, 2, 'make variables of parts')
    if (!(error instanceof Fault) || offset === 0) throw error
    throw new Fault(error.message, error.start + offset, error.length, error.hint, error.code)
  }
}
