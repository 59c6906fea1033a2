import { type Diagnostics, PlayError, type Pos } from '../errors.ts'
import { jinjaFile, jinjaProgram } from './jinja/program-for.ts'
import { languageAt, languageOf } from './language.ts'
import type { Scope } from './scope.ts'
import { Fault } from './template/fault.ts'
import { type Locate, type Program, placed, programFor } from './template/program.ts'
import { holdsTemplate } from './template/syntax.ts'
import { kindOf, scalarText } from './template/values.ts'
import { VaultValue } from './vault/vault-value.ts'

/** A text with `{{ }}`, compiled. */
export interface Template {
  text: string
  pos: Pos
  /** The variables it names, before any dot. `vars` where it may read any. */
  roots: readonly string[]
  /** The helpers it calls. */
  calls: readonly string[]
  /** A text that is exactly one expression gives its value, of any type; else text. @throws {PlayError} {UnknownError} */
  render(scope: Scope): unknown
}

/** What `{{omit}}` is; a key whose value renders to it is left out of its mapping, an element out of its list. */
export const OMIT: unique symbol = Symbol('omit')

type Path = readonly (string | number)[]

/** @param pos where the text begins; @throws {PlayError} code 'template', at the expression that is wrong */
export function compileTemplate(text: string, pos: Pos): Template {
  const program = programAt(text, () => pos)
  const { roots, calls } = program
  return { text, pos, roots, calls, render: (scope) => program.run(scope, () => pos) }
}

/** Whether rendering would do anything to a value (or refuse it, for Jinja's `{% %}`). */
export const hasTemplate = (text: unknown): text is string => typeof text === 'string' && holdsTemplate(text)

/**
 * Renders every text in a value, keys of mappings too, and opens what is encrypted, once: what comes out is never
 * rendered again.
 * @param locate the place of a part, asked only for errors
 * @throws {PlayError} code 'template' or 'variable'; {UnknownError} where a value only the real run will know is read
 */
export function renderValue(value: unknown, scope: Scope, locate: (path: Path) => Pos): unknown {
  return renderAt(value, scope, [], locate)
}

/** For variables whose place may be unknown. */
export function renderAt(
  value: unknown,
  scope: Scope,
  path: Path,
  locate: (path: Path) => Pos | undefined,
): unknown {
  if (typeof value === 'string') {
    if (!holdsTemplate(value)) return value
    const here: Locate = () => locate(path)
    return programAt(value, here).run(scope, here)
  }
  if (value instanceof VaultValue) return value.open()
  if (typeof value !== 'object' || value === null || !containsTemplate(value)) return value
  if (Array.isArray(value)) {
    return value
      .map((item, index) => renderAt(item, scope, [...path, index], locate))
      .filter((item) => item !== OMIT)
  }
  const entries: [string, unknown][] = []
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key]
    const rendered = renderAt(item, scope, here, locate)
    if (rendered !== OMIT) entries.push([renderKey(key, scope, () => locate(here)), rendered])
  }
  return Object.fromEntries(entries)
}

/** Compiles every text in a value; collects what is wrong. @returns the variables that are named */
export function checkValue(
  value: unknown,
  locate: (path: Path) => Pos,
  diagnostics: Diagnostics,
): Set<string> {
  const roots = new Set<string>()
  walkTemplates(value, [], (text, path) => {
    const program = diagnostics.collect(() => programAt(text, () => locate(path)))
    for (const root of program?.roots ?? []) roots.add(root)
  })
  return roots
}

/**
 * The variables that a value's templates name; what does not parse names none.
 * @param at where the value stands
 */
export function rootsOf(value: unknown, at: () => Pos | undefined): Set<string> {
  const roots = new Set<string>()
  walkTemplates(value, [], (text) => {
    try {
      for (const root of compiledFor(text, at).roots) roots.add(root)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
  })
  return roots
}

/**
 * A whole file, with blocks; always text.
 * @param folders where the templates are looked for that it includes
 * @throws {PlayError} {UnknownError} as `renderValue`
 */
export function renderTemplateFile(
  content: string,
  file: string,
  scope: Scope,
  folders: readonly string[] = [],
): string {
  const begin: Pos = { file, line: 1, col: 1 }
  if (languageOf(file) === 'jinja') return jinjaFile(content, begin, scope, folders)
  if (!holdsTemplate(content)) return content
  const output = programAt(content, () => begin).run(scope, () => begin)
  const text = scalarText(output)
  if (text !== undefined) return text
  throw new PlayError('template', `this file is one expression, and that is ${kindOf(output)}, not text`, {
    pos: begin,
    hint: 'make text of it with json or join',
  })
}

/** Whether any part of a value is a template, or encrypted: it has to be rendered. Values that hold templates come from files and do not change. */
export function containsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return holdsTemplate(value)
  if (value instanceof VaultValue) return true
  if (typeof value !== 'object' || value === null) return false
  let contains = contained.get(value)
  if (contains === undefined) {
    contains = Object.entries(value).some(([key, item]) => holdsTemplate(key) || containsTemplate(item))
    contained.set(value, contains)
  }
  return contains
}

const contained = new WeakMap<object, boolean>()

const compiledFor = (text: string, locate: Locate): Program =>
  languageAt(locate) === 'jinja' ? jinjaProgram(text) : programFor(text)

function programAt(text: string, locate: Locate): Program {
  try {
    return compiledFor(text, locate)
  } catch (error) {
    throw error instanceof Fault ? placed(error, text, locate) : error
  }
}

function renderKey(key: string, scope: Scope, locate: Locate): string {
  if (!holdsTemplate(key)) return key
  const rendered = programAt(key, locate).run(scope, locate)
  const text = scalarText(rendered)
  if (text !== undefined) return text
  throw new PlayError('template', `a key must be text, but this is ${kindOf(rendered)}`, { pos: locate() })
}

function walkTemplates(value: unknown, path: Path, visit: (text: string, path: Path) => void): void {
  if (typeof value === 'string') {
    if (holdsTemplate(value)) visit(value, path)
    return
  }
  if (typeof value !== 'object' || value === null || !containsTemplate(value)) return
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    if (!Array.isArray(value) && holdsTemplate(key)) visit(key, here)
    walkTemplates(item, here, visit)
  }
}
