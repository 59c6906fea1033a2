import type { Diagnostics, Pos } from '../../errors.ts'
import { compileCondition } from '../condition.ts'
import type { Expression, Located } from '../types.ts'
import { asBoolean, isMapping, within } from '../yaml.ts'
import { describe } from './describe.ts'

/** Keywords of one play, block or task, read with their types. What is wrong is collected; the getter answers as if it were not there. */
export class Fields {
  constructor(
    readonly at: Located<Record<string, unknown>>,
    readonly diagnostics: Diagnostics,
  ) {}

  has(key: string): boolean {
    return Object.hasOwn(this.at.value, key)
  }

  raw(key: string): unknown {
    return this.has(key) ? this.at.value[key] : undefined
  }

  keys(): string[] {
    return Object.keys(this.at.value)
  }

  pos(key: string, ...path: (string | number)[]): Pos {
    return this.at.locate([key, ...path])
  }

  keyPos(key: string): Pos {
    return this.at.locateKey([key])
  }

  wrong(key: string, expected: string, hint?: string, path: (string | number)[] = []): undefined {
    const found = describe(within(this.at, key, ...path).value)
    this.diagnostics.add('playbook', `${key} wants ${expected}, but found ${found}`, {
      pos: this.pos(key, ...path),
      hint,
    })
  }

  /** Text; a number counts as its digits. */
  text(key: string): string | undefined {
    if (!this.has(key)) return undefined
    const value = this.raw(key)
    if (typeof value === 'string' && value !== '') return value
    return isNumber(value) ? String(value) : this.wrong(key, 'text')
  }

  boolean(key: string): boolean | undefined {
    if (!this.has(key)) return undefined
    return asBoolean(this.raw(key)) ?? this.wrong(key, 'true or false')
  }

  booleanOrTemplate(key: string): boolean | string | undefined {
    const value = this.raw(key)
    return isTemplate(value) ? value : this.boolean(key)
  }

  number(key: string, least: number, whole = false): number | undefined {
    if (!this.has(key)) return undefined
    const value = this.raw(key)
    const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && number >= least && (!whole || Number.isInteger(number))) return number
    return this.wrong(key, `${whole ? 'a whole number' : 'a number'} of at least ${least}`)
  }

  /** A variable's name. */
  identifier(key: string): string | undefined {
    const name = this.text(key)
    if (name === undefined || isIdentifier(name)) return name
    return this.wrong(key, 'the name of a variable', NAMING)
  }

  /** One text or a list of them; nothing is an empty list. */
  texts(key: string): { text: string; pos: Pos }[] {
    const value = this.raw(key)
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) {
      const text = this.text(key)
      return text === undefined ? [] : [{ text, pos: this.pos(key) }]
    }
    return value.flatMap((item, index) => {
      if ((typeof item === 'string' && item !== '') || isNumber(item))
        return [{ text: String(item), pos: this.pos(key, index) }]
      this.wrong(key, 'text or a list of texts', undefined, [index])
      return []
    })
  }

  /** `a, b` or a list. */
  tags(): string[] {
    const names = this.texts('tags').flatMap(({ text }) => text.split(',').map((tag) => tag.trim()))
    return [...new Set(names.filter((tag) => tag !== ''))]
  }

  /** One condition or a list of which all must hold. */
  conditions(key: string): Expression[] {
    const value = this.raw(key)
    if (value === undefined || value === null) return []
    const paths = Array.isArray(value) ? value.map((_, index) => [index]) : [[]]
    return paths.flatMap((path) => this.condition(key, path) ?? [])
  }

  condition(key: string, path: number[] = []): Expression | undefined {
    const { value } = within(this.at, key, ...path)
    const pos = this.pos(key, ...path)
    const literal = asBoolean(value)
    if (literal !== undefined) return { text: String(literal), pos }
    if (typeof value !== 'string' || value.trim() === '') return this.wrong(key, CONDITION, undefined, path)
    const expression = { text: value, pos }
    // The habit of Jinja, told here with the rest of the file; what else may be wrong is preflight's.
    if (value.includes('{{'))
      return this.diagnostics.collect(() => compileCondition(expression)) && expression
    return expression
  }

  booleanOrCondition(key: string): boolean | Expression | undefined {
    if (!this.has(key)) return undefined
    return asBoolean(this.raw(key)) ?? this.condition(key)
  }

  /** true, false, or conditions of which all must hold. */
  booleanOrConditions(key: string): boolean | Expression[] | undefined {
    if (!this.has(key)) return undefined
    return asBoolean(this.raw(key)) ?? this.conditions(key)
  }

  mapping(key: string, hint?: string): Located<Record<string, unknown>> | undefined {
    const value = this.raw(key)
    if (value === undefined || value === null) return undefined
    if (isMapping(value)) return within(this.at, key)
    return this.wrong(key, 'a mapping', hint)
  }

  /** A mapping of variables. */
  vars(key = 'vars'): Located<Record<string, unknown>> | undefined {
    const found = this.mapping(key, 'write name: value lines under it, without dashes')
    for (const name of Object.keys(found?.value ?? {})) {
      if (isIdentifier(name)) continue
      this.diagnostics.add('playbook', `${name} cannot name a variable`, {
        pos: this.at.locateKey([key, name]),
        hint: NAMING,
      })
    }
    return found
  }
}

const CONDITION = 'a condition (CEL text, or true or false)'
const NAMING = 'use letters, digits and _, and start with a letter or _'

export const isIdentifier = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

export const isTemplate = (value: unknown): value is string =>
  typeof value === 'string' && value.includes('{{')

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'
