import { PatternFault, PythonRegex } from '../../../../contract/regex/index.ts'
import { ValueFault } from '../../jinja/value.ts'
import { requireText } from '../define.ts'
import { flatTerms, type Lookup, textTerm } from './lookup.ts'

export const VARIABLE_LOOKUPS: readonly Lookup[] = [
  {
    name: 'vars',
    params: 'default=None',
    usage: "lookup('vars', 'port_' ~ name)",
    summary: 'the variable of a name that is worked out',
    run: (terms, named, { variables }) =>
      flatTerms(terms).map((term) => {
        const name = textTerm(term, 'vars')
        if (Object.hasOwn(variables, name)) return variables[name]
        if (Object.hasOwn(named, 'default')) return named.default
        throw new ValueFault(`there is no variable '${name}'`, "default='…' says what counts then")
      }),
  },
  {
    name: 'varnames',
    params: '',
    usage: "query('varnames', '^pg_')",
    summary: 'the names of variables that regular expressions fit',
    run: (terms, _, { variables }) => {
      const names = Object.keys(variables)
      return terms.flatMap((term) => {
        const pattern = requireText(term)
        try {
          const regex = PythonRegex.compile(pattern)
          return names.filter((name) => regex.search(name, () => undefined) !== undefined)
        } catch (error) {
          if (error instanceof PatternFault)
            throw new ValueFault(`the pattern '${pattern}' is wrong: ${error.message}`)
          throw error
        }
      })
    },
  },
  {
    name: 'config',
    params: 'on_missing="error", plugin_type=None, plugin_name=None, show_origin=False',
    usage: "lookup('config', 'DEFAULT_ROLES_PATH')",
    summary: 'a setting of the runner',
    run: (terms, named, context) =>
      flatTerms(terms).flatMap((term) => {
        const name = textTerm(term, 'config')
        const found = context.setting(name)
        if (found !== undefined) return [found]
        if (named.on_missing === 'skip') return []
        if (named.on_missing === 'warn') {
          context.warn(`there is no setting '${name}'`)
          return []
        }
        throw new ValueFault(`there is no setting '${name}'`)
      }),
  },
]
