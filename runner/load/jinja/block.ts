import type { Statement } from './ast.ts'
import type { StatementCompiler } from './compile-statement.ts'
import { type Exec, Out } from './exec.ts'
import type { BlockBody, Frame } from './frame.ts'
import { BlockReference, Blocks } from './objects.ts'
import { Missing, type Site } from './run.ts'
import { ValueFault } from './value.ts'

/** {% block %}: what the innermost template that has a block of the name says. */
export function compileBlock(compiler: StatementCompiler, node: Extract<Statement, { is: 'block' }>): Exec {
  const { name, scoped, required } = node
  const site = compiler.expressions.site(node)
  compiler.blocks.set(name, { exec: compiler.body(node.body), required })
  return (frame, out) => {
    if (out.isMuted) return undefined
    const stack = frame.context.blocks.get(name) ?? []
    frame.run.at = site
    if (stack[0]?.required) throw new ValueFault(`the block ${name} is required, and no template fills it`)
    frame.run.deeper(() => runBlock(stack, 0, scoped ? frame : frame.context.top, out, site))
    return undefined
  }
}

function runBlock(stack: readonly BlockBody[], depth: number, around: Frame, out: Out, site: Site): void {
  const inner = around.inner()
  inner.set('super', reference(stack, depth + 1, around, site))
  stack[depth]!.exec(inner, out)
}

function reference(stack: readonly BlockBody[], depth: number, around: Frame, site: Site): unknown {
  if (depth >= stack.length) return new Missing('there is no block above this one', around.run, site)
  return new BlockReference(
    () => {
      const out = new Out()
      runBlock(stack, depth, around, out, site)
      return out.joined()
    },
    () => reference(stack, depth + 1, around, site),
  )
}

/** `self` in a template. */
export const blocksOf = (frame: Frame, site: Site): Blocks =>
  new Blocks((name) => {
    const stack = frame.context.blocks.get(name)
    return stack && reference(stack, 0, frame.context.top, site)
  })
