import { PlayError, type Pos } from '../../errors.ts'
import { jinjaAt } from '../condition.ts'
import { didYouMean } from '../nearest.ts'
import type { Program } from '../template/program.ts'
import { kindOf } from '../template/values.ts'
import type { Located } from '../types.ts'
import { isMapping } from '../yaml.ts'

/** An entry of `keyed_groups`: groups named after a value (ansible.builtin.constructed). */
export interface KeyedGroup {
  key: Program
  prefix: string
  separator: string
  /** Whether the separator stands before the value where there is no prefix. */
  leading: boolean
  /** In place of an empty value. */
  defaultValue?: string
  /** Whether the separator stands behind the key of a mapping whose value is empty. */
  trailing: boolean
  /** The group above them, a template. */
  parent?: string
  path: readonly (string | number)[]
}

const KEYS = ['key', 'prefix', 'separator', 'parent_group', 'default_value', 'trailing_separator']

interface Place {
  file: Located
  path: readonly (string | number)[]
  leading: boolean
}

/** @throws {PlayError} code 'inventory' or 'template' */
export function readKeyedGroup(entry: unknown, { file, path, leading }: Place): KeyedGroup {
  const fail = (message: string, hint?: string, pos = file.locate(path)): never => {
    throw new PlayError('inventory', message, { pos, hint })
  }
  if (!isMapping(entry))
    return fail(`an entry of keyed_groups is a mapping, not ${kindOf(entry)}`, 'write key: expression in it')
  for (const name of Object.keys(entry))
    if (!KEYS.includes(name))
      fail(
        `keyed_groups has no ${name}`,
        didYouMean(name, KEYS) ?? `it has ${KEYS.join(', ')}`,
        file.locateKey([...path, name]),
      )
  const { key, prefix, separator, parent_group, default_value, trailing_separator } = entry
  if (typeof key !== 'string')
    return fail(`key of keyed_groups is an expression, not ${kindOf(key)}`, 'write the name of a variable')
  if (default_value !== undefined && trailing_separator !== undefined)
    fail('default_value and trailing_separator exclude each other', 'take one of them away')
  const text = (value: unknown) => (value === undefined || value === null ? undefined : String(value))
  return {
    key: jinjaAt({ text: key, pos: file.locate([...path, 'key']) }),
    prefix: text(prefix) ?? '',
    separator: text(separator) ?? '_',
    leading,
    defaultValue: text(default_value),
    trailing: trailing_separator !== false,
    parent: text(parent_group),
    path,
  }
}

/**
 * The groups of a host whose key has this value; undefined where it is empty.
 * @throws {PlayError} code 'inventory' for a value that names no group
 */
export function keyedNames(entry: KeyedGroup, value: unknown, pos: Pos): string[] | undefined {
  return plainNames(entry, value, pos)?.map((name) =>
    entry.prefix === '' && !entry.leading ? name : `${entry.prefix}${entry.separator}${name}`,
  )
}

function plainNames(entry: KeyedGroup, value: unknown, pos: Pos): string[] | undefined {
  const { separator, defaultValue, trailing } = entry
  const orDefault = (name: unknown) => (name === '' ? (defaultValue ?? '') : String(name))
  if (value === '') return defaultValue === undefined ? undefined : [defaultValue]
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.map(orDefault)
  if (isMapping(value))
    return Object.entries(value).map(([name, part]) =>
      part === '' && defaultValue === undefined && !trailing ? name : `${name}${separator}${orDefault(part)}`,
    )
  if (!value) return undefined
  throw new PlayError(
    'inventory',
    `a group is named after a text, a list or a mapping, not ${kindOf(value)}`,
    {
      pos,
    },
  )
}
