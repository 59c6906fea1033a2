import type { Diagnostics, Pos } from '../errors.ts'
import { parseCel } from '../load/cel.ts'
import { explainSyntax } from '../load/condition/errors.ts'
import { compileCondition, jinjaAt } from '../load/condition.ts'
import { inside } from '../load/inside.ts'
import { languageAt } from '../load/language.ts'
import { didYouMean } from '../load/nearest.ts'
import { compileTemplate, containsTemplate, hasTemplate } from '../load/template.ts'
import type { Expression } from '../load/types.ts'
import { VaultValue } from '../load/vault/vault-value.ts'
import { isMagic, type Known, type PlayNames } from './names.ts'

type Path = readonly (string | number)[]

/** Compiles the templates and conditions of a play, and tells variables that nothing defines. */
export class Usage {
  readonly #followed = new Set<unknown>()
  /** The first place at which each helper is called. */
  readonly calls = new Map<string, Pos>()

  /** The variables that are used. */
  readonly used = new Set<string>()

  constructor(
    readonly names: PlayNames,
    readonly diagnostics: Diagnostics,
  ) {}

  /** What a task may use: what the play knows, and its own. */
  with(own: Iterable<string>): Known {
    const { names, open } = this.names.everywhere
    return { names: new Set([...names, ...own]), open }
  }

  template(text: string, pos: Pos, known: Known): void {
    if (!hasTemplate(text)) return
    const template = this.diagnostics.collect(() => compileTemplate(text, pos))
    this.#useAll(template?.roots, text, pos, known)
    for (const name of template?.calls ?? []) if (!this.calls.has(name)) this.calls.set(name, pos)
  }

  condition(expression: Expression, known: Known): void {
    const condition = this.diagnostics.collect(() => compileCondition(expression))
    this.#useAll(condition?.roots, expression.text, expression.pos, known)
  }

  /** CEL that need not be true or false. */
  expression({ text, pos }: Expression, known: Known): void {
    if (isJinja(pos)) {
      const program = this.diagnostics.collect(() => jinjaAt({ text, pos }))
      this.#useAll(program?.roots, text, pos, known)
      return
    }
    const parsed = explainSyntax(text, parseCel)
    if (parsed.is === 'cel') for (const root of parsed.cel.roots) this.#use(root, text, pos, known)
    else {
      const { code, message, hint, start, length } = parsed
      this.diagnostics.add(code, message, { pos: inside(pos, text, start, length), hint })
    }
  }

  /** Every text in a value, and every encrypted one. */
  value(value: unknown, locate: (path: Path) => Pos, known: Known, path: Path = []): void {
    if (typeof value === 'string') this.template(value, locate(path), known)
    if (value instanceof VaultValue) this.diagnostics.collect(() => value.check())
    if (typeof value !== 'object' || value === null || !containsTemplate(value)) return
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) this.template(key, locate([...path, key]), known)
      this.value(inner, locate, known, [...path, Array.isArray(value) ? Number(key) : key])
    }
  }

  #useAll(roots: readonly string[] = [], text: string, pos: Pos, known: Known): void {
    for (const root of roots)
      if (!isJinja(pos)) this.#use(root, text, pos, known)
      else {
        // Jinja has many ways to ask for what may not be there: that is found out where it is read.
        this.used.add(root)
        this.#follow(root)
      }
  }

  #use(root: string, text: string, pos: Pos, known: Known): void {
    this.used.add(root)
    this.#follow(root)
    if (known.names.has(root) || known.open || isMagic(root) || asksFor(root, text)) return
    const at = new RegExp(`(?<![\\w.'"])${root.replace(/[^\w]/g, '\\$&')}(?!\\w)`).exec(
      text.slice(codeStart(text)),
    )
    const start = at ? codeStart(text) + at.index : 0
    this.diagnostics.add('variable', `the variable ${root} is not defined anywhere`, {
      pos: inside(pos, text, start, root.length),
      hint:
        root === 'item'
          ? 'item is what a loop goes through, and this task has no loop:'
          : didYouMean(root, known.names, 'define it in the inventory, under vars: or with -e'),
    })
  }

  /** A variable of the inventory is a template itself, looked at once it is used. */
  #follow(name: string): void {
    for (const { value, pos } of this.names.inventoryTemplates.get(name) ?? []) {
      const once = typeof value === 'object' ? value : `${pos?.file}:${pos?.line}:${value}`
      if (this.#followed.has(once)) continue
      this.#followed.add(once)
      this.value(value, () => pos ?? { file: 'inventory', line: 1, col: 1 }, this.names.anywhere)
    }
  }
}

/** `default x …`, `has "x"`, `has(vars.x)` and `"x" in vars` are made for what may not be there. */
function asksFor(root: string, text: string): boolean {
  const name = root.replace(/[^\w]/g, '\\$&')
  return [
    `\\b(default|has)[\\s(]+["']?${name}\\b`,
    `\\bvars(\\.|\\[["'])${name}\\b`,
    `["']${name}["'] +in +vars\\b`,
  ].some((asking) => new RegExp(asking).test(text))
}

const isJinja = (pos: Pos): boolean => languageAt(() => pos) === 'jinja'

/** In a template, names stand behind the first braces. */
const codeStart = (text: string): number => Math.max(0, text.indexOf('{{'))
