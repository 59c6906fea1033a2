import { spend } from '../../budget.ts'
import { call } from '../call.ts'
import { compare, equals, listOf, type Tuple, truthy, ValueFault } from '../value.ts'
import { bounds, whole } from './arguments.ts'
import { type Methods, methods } from './method.ts'

const indexOf = (list: readonly unknown[], item: unknown, start: unknown, end: unknown): number => {
  const [from, to] = bounds(list.length, start, end)
  spend(list.length >> 2)
  for (let index = from; index < to; index++) if (equals(list[index], item)) return index
  throw new ValueFault('the list does not hold this element', 'test it before: x in list')
}

const counted = (list: readonly unknown[], item: unknown): number => {
  spend(list.length >> 2)
  return list.filter((one) => equals(one, item)).length
}

export const TUPLE: Methods<Tuple> = methods<Tuple>({
  'count(value)': (tuple, [item]) => counted(tuple, item),
  'index(value, start=None, stop=None)': (tuple, [item, start, end]) => indexOf(tuple, item, start, end),
})

export const LIST: Methods<unknown[]> = methods<unknown[]>({
  'append(object)': (list, [item]) => {
    list.push(item)
    return null
  },
  'clear()': (list) => {
    list.length = 0
    return null
  },
  'copy()': (list) => [...list],
  'count(value)': (list, [item]) => counted(list, item),
  'extend(iterable)': (list, [items]) => {
    const added = listOf(items)
    spend(added.length)
    for (const item of added) list.push(item)
    return null
  },
  'index(value, start=None, stop=None)': (list, [item, start, end]) => indexOf(list, item, start, end),
  'insert(index, object)': (list, [index, item]) => {
    const [at] = bounds(list.length, index, null)
    spend(list.length >> 4)
    list.splice(at, 0, item)
    return null
  },
  'pop(index=-1)': (list, [index]) => {
    const given = whole(index, 'index')
    const at = given < 0 ? given + list.length : given
    if (at < 0 || at >= list.length)
      throw new ValueFault(list.length === 0 ? 'the list is empty' : `the list has no element ${given}`)
    return list.splice(at, 1)[0]
  },
  'remove(value)': (list, [item]) => {
    list.splice(indexOf(list, item, null, null), 1)
    return null
  },
  'reverse()': (list) => {
    list.reverse()
    return null
  },
  'sort(key=None, reverse=False)': (list, [key, reverse], run) => {
    spend(list.length * 2)
    const keys = new Map(list.map((item) => [item, key === null ? item : call(run, key, [item], {})]))
    const sign = truthy(reverse) ? -1 : 1
    list.sort((a, b) => sign * compare(keys.get(a), keys.get(b)))
    return null
  },
})
