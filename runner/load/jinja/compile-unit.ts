import type { Pos } from '../../errors.ts'
import { Fault } from '../template/fault.ts'
import type { Body } from './ast.ts'
import { StatementCompiler } from './compile-statement.ts'
import type { Exec } from './exec.ts'
import type { Library } from './library.ts'
import type { Syntax } from './options.ts'
import { Unit } from './unit.ts'

/** A template as functions. */
export interface CompiledUnit {
  name: string
  unit: Unit
  body: Body
  exec: Exec
  blocks: ReadonlyMap<string, { exec: Exec; required: boolean }>
}

/** @throws {Fault} */
export function compileUnit(
  text: string,
  library: Library,
  syntax: Syntax,
  name: string,
  pos?: Pos,
): CompiledUnit {
  const unit = new Unit(text, syntax.keep_trailing_newline, pos)
  const body = unit.template(syntax)
  const compiler = new StatementCompiler(unit, library, syntax)
  try {
    return { name, unit, body, exec: compiler.body(body), blocks: compiler.blocks }
  } catch (error) {
    if (error instanceof Fault)
      throw new Fault(error.message, unit.original(error.start), error.length, error.hint, error.code)
    throw error
  }
}
