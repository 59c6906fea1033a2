import { analyse } from 'scslre'

/**
 * A regular expression that takes the square of a text's length, or worse, keeps the program from hearing a signal: a
 * host, or a file, may hold millions of the character that it stumbles over. `/[\r\n]+$/` is one: from each line end on
 * it looks for the end of the text anew. What is wanted of the ends of a text is in contract/ends.ts.
 */
const linear = {
  create: (context) => ({
    Literal(node) {
      if (!node.regex) return
      const { reports } = analyse(
        { source: node.regex.pattern, flags: node.regex.flags },
        { reportTypes: { Move: !node.regex.flags.includes('y'), Self: true, Trade: true } },
      )
      const found = [...new Set(reports.map(({ character }) => String(character.literal.source)))]
      if (found.length > 0)
        context.report({
          node,
          message: `many of ${found.join(' or ')} take this pattern the square of their number, or more: see contract/ends.ts, or take the text apart by indexOf`,
        })
    },
  }),
}

export default { meta: { name: 'play' }, rules: { 'linear-patterns': linear } }
