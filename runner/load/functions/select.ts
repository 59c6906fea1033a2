import { truthy, Undefined } from '../jinja/value.ts'
import { attributeOf } from './attribute.ts'
import { filter, requireItems } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

type Named = Readonly<Record<string, unknown>>

/** What is empty is asked nothing: not even whether a test is named. */
const isNothing = (value: unknown): boolean => !(value instanceof Undefined) && !truthy(value)

function map([value, args, named]: readonly unknown[], call: FunctionCall): unknown {
  if (isNothing(value)) return []
  const items = requireItems(value)
  call.spend(items.length)
  const given = args as unknown[]
  const options = named as Named
  if (given.length === 0 && Object.hasOwn(options, 'attribute')) {
    const other = Object.keys(options).find((name) => name !== 'attribute' && name !== 'default')
    if (other !== undefined) call.fail(`there is no argument '${other}' beside attribute`)
    const fallback = Object.hasOwn(options, 'default') ? options.default : null
    return items.map((item) => attributeOf(item, options.attribute, call, fallback))
  }
  const [name, ...rest] = given
  if (typeof name !== 'string') return call.fail("the name of a filter is needed, or attribute='name'")
  return items.map((item) => call.filter(name, item, rest, options))
}

/** select and reject, of the elements or of an attribute of each. */
function choose(isWanted: boolean, byAttribute: boolean): LibraryFunction['run'] {
  return ([value, args, named], call) => {
    if (isNothing(value)) return []
    const given = args as unknown[]
    if (byAttribute && given.length === 0) call.fail('the name of an attribute is needed')
    const [name, ...rest] = byAttribute ? given.slice(1) : given
    if (name !== undefined && typeof name !== 'string') call.fail('the name of a test is needed')
    const items = requireItems(value)
    call.spend(items.length)
    return items.filter((item) => {
      const seen = byAttribute ? attributeOf(item, given[0], call) : item
      const holds = name === undefined ? truthy(seen) : call.test(name as string, seen, rest, named as Named)
      return holds === isWanted
    })
  }
}

export const SELECT: readonly LibraryFunction[] = [
  filter(
    'map(*args, **named)',
    "users | map(attribute='name'), names | map('upper')",
    'an attribute of each element, or what a filter makes of it',
    map,
  ),
  filter(
    'select(*args, **named)',
    "numbers | select('odd')",
    'the elements that pass a test, or are true',
    choose(true, false),
  ),
  filter(
    'reject(*args, **named)',
    "numbers | reject('odd')",
    'the elements that do not pass a test',
    choose(false, false),
  ),
  filter(
    'selectattr(*args, **named)',
    "users | selectattr('group', 'eq', 'dba')",
    'the elements of which an attribute passes a test, or is true',
    choose(true, true),
  ),
  filter(
    'rejectattr(*args, **named)',
    "users | rejectattr('group', 'eq', 'dba')",
    'the elements of which an attribute does not pass a test',
    choose(false, true),
  ),
]
