import { textList } from '../../../contract/text-list.ts'
import type { Diagnostics, Pos } from '../../errors.ts'
import { compileCondition } from '../condition.ts'
import { languageAt } from '../language.ts'
import type { Expression, Located, Template } from '../types.ts'
import { asBoolean, isMapping, within } from '../yaml.ts'
import { describe } from './describe.ts'
import { KEYWORDS } from './keyword-table.ts'

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

  flag(key: string): boolean | Template | undefined {
    return this.template(key) ?? this.boolean(key)
  }

  /** @param least of what is allowed, and where it is no more than a template, of what it gives */
  number(key: string, least: number, whole = false): number | Template | undefined {
    if (!this.has(key)) return undefined
    const value = this.raw(key)
    const number = asNumber(value, least, whole)
    const template = KEYWORDS[key]?.template === false ? undefined : this.template(key)
    return number ?? template ?? this.wrong(key, numberWanted(least, whole))
  }

  /** Text with {{ }} in it. */
  template(key: string): Template | undefined {
    const value = this.raw(key)
    return isTemplate(value) ? { template: value, pos: this.pos(key) } : undefined
  }

  /** One of a few words, collection's name or not. */
  oneOf<Word extends string>(key: string, words: readonly Word[], hint?: string): Word | undefined {
    if (!this.has(key)) return undefined
    const value = this.raw(key)
    const word = typeof value === 'string' ? value.replace(/^ansible\.(builtin|legacy)\./, '') : value
    return words.find((one) => one === word) ?? this.wrong(key, listed(words), hint)
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
      if (this.#refusesTemplate(key, value)) return []
      const text = this.text(key)
      return text === undefined ? [] : [{ text, pos: this.pos(key) }]
    }
    return value.flatMap((item, index) => {
      if (this.#refusesTemplate(key, item, index)) return []
      if ((typeof item === 'string' && item !== '') || isNumber(item))
        return [{ text: String(item), pos: this.pos(key, index) }]
      this.wrong(key, 'text or a list of texts', undefined, [index])
      return []
    })
  }

  #refusesTemplate(key: string, value: unknown, ...path: number[]): boolean {
    if (!isTemplate(value) || KEYWORDS[key]?.template !== false) return false
    const pos = this.pos(key, ...path)
    this.diagnostics.add('playbook', `${key} takes no {{ }}: it counts before any variable is known`, {
      pos,
      hint: 'write the word itself',
    })
    return true
  }

  /** `a, b` or a list. */
  tags(): string[] {
    return tagsIn(this.texts('tags').map(({ text }) => text))
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
    if (languageAt(() => pos) === 'jinja') {
      if (typeof value === 'number' || typeof value === 'bigint') return { text: String(value), pos }
      if (value === null || value === '') {
        this.diagnostics.warnings.push({ message: `${key}: an empty condition counts as true`, pos })
        return { text: 'true', pos }
      }
    }
    if (typeof value !== 'string' || value.trim() === '') return this.wrong(key, CONDITION, undefined, path)
    const expression = { text: value, pos }
    // The habit of Jinja, told here with the rest of the file; what else may be wrong is preflight's.
    if (value.includes('{{'))
      return this.diagnostics.collect(() => compileCondition(expression)) && expression
    return expression
  }

  /** A text that is {{ }} and nothing else is a template; else it is a condition. */
  flagOrCondition(key: string): boolean | Expression | Template | undefined {
    if (!this.has(key)) return undefined
    const value = this.raw(key)
    const template =
      typeof value === 'string' && /^\s*\{\{[^{}]*\}\}\s*$/.test(value) ? this.template(key) : undefined
    return asBoolean(value) ?? template ?? this.condition(key)
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

/** Words with commas between. */
export function tagsIn(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) => textList(text))
  return [...new Set(names.filter((tag) => tag !== ''))]
}

const CONDITION = 'a condition (CEL text, or true or false)'
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
const NAMING = 'use letters, digits and _, and start with a letter or _'

export const isIdentifier = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

export const isTemplate = (value: unknown): value is string =>
  typeof value === 'string' && value.includes('{{')

export const numberWanted = (least: number, whole: boolean): string =>
  `${whole ? 'a whole number' : 'a number'} of at least ${least}`

/** Also of digits in a text. undefined where it is no such number. */
export function asNumber(value: unknown, least: number, whole: boolean): number | undefined {
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value
  const found = typeof number === 'bigint' ? Number(number) : number
  return typeof found === 'number' && found >= least && (!whole || Number.isInteger(found))
    ? found
    : undefined
}

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'
