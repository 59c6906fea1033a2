/** Calls what the rewritten text names (transform.ts). */
export type Call = (name: string, args: unknown[]) => unknown

/** Whether a rewritten text has no blocks, as most have none. */
export const isStraight = ({ body }: hbs.AST.Program): boolean =>
  body.every(({ type }) => type !== 'BlockStatement')

/**
 * What a text without blocks says, read as it was parsed: Handlebars makes JavaScript of it first, for which V8 takes longer
 * than for a hundred runs.
 * @param scope what `this` and `@root` are
 */
export function runStraight({ body }: hbs.AST.Program, scope: object, call: Call): string {
  let text = ''
  for (const statement of body) {
    if (statement.type === 'ContentStatement') text += (statement as hbs.AST.ContentStatement).value
    else if (statement.type === 'MustacheStatement') text += evaluated(statement, scope, call) ?? ''
  }
  return text
}

function evaluated(node: hbs.AST.Node, scope: object, call: Call): unknown {
  switch (node.type) {
    case 'MustacheStatement':
    case 'SubExpression': {
      const { path, params } = node as hbs.AST.SubExpression
      return call(
        path.original,
        params.map((param) => evaluated(param, scope, call)),
      )
    }
    case 'PathExpression':
      return scope
    case 'NullLiteral':
      return null
    default:
      return (node as hbs.AST.StringLiteral | hbs.AST.NumberLiteral | hbs.AST.BooleanLiteral).value
  }
}
