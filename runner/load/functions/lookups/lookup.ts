import { isDict, isList, str, ValueFault } from '../../jinja/value.ts'

/** What a lookup may ask of whoever evaluates. */
export interface LookupContext {
  /** Something may be run, fetched or written: in a run, and not in a check, nor before either. */
  mayRun: boolean
  /** The variables of the host. */
  variables: Readonly<Record<string, unknown>>
  /** Where a relative path is looked for, first things first. @param kind files, templates or vars */
  searchPath(kind: string): readonly string[]
  /** The text of a file of the controller, decrypted; undefined where there is none. */
  read(path: string): string | undefined
  /** Renders a template with more variables. */
  template(text: string, path: string, more: Readonly<Record<string, unknown>>): string
  /** A setting of the runner. @returns undefined where there is none of that name */
  setting(name: string): unknown
  /** A value that only the real run will know. */
  unknown(why: string): unknown
  /** Makes a value known to the masker. */
  secret(text: string): void
  warn(message: string): void
}

export interface Lookup {
  name: string
  /** Python's signature behind the terms: 'skip=False, *, errors="strict"' without the stars. */
  params: string
  summary: string
  usage: string
  /**
   * @param terms what it is asked for
   * @param named by the names of params, defaults not filled in
   * @throws {ValueFault}
   */
  run(terms: readonly unknown[], named: Readonly<Record<string, unknown>>, context: LookupContext): unknown[]
}

/** Terms, of which a single list is many. */
export const flatTerms = (terms: readonly unknown[]): unknown[] =>
  terms.flatMap((term) => (isList(term) ? term : [term]))

export function textTerm(term: unknown, lookup: string): string {
  if (typeof term === 'string') return term
  throw new ValueFault(`the lookup ${lookup} wants a text`)
}

/** A lookup's option, which a term may say as well: `x length=10`. */
export function withOptions(
  term: string,
  named: Readonly<Record<string, unknown>>,
  names: readonly string[],
): { rest: string; options: Record<string, unknown> } {
  const options: Record<string, unknown> = { ...named }
  const rest: string[] = []
  for (const word of term.split(' ')) {
    const [, key, value] = /^([a-z_]+)=(.*)$/s.exec(word) ?? []
    if (key !== undefined && names.includes(key)) options[key] = value
    else rest.push(word)
  }
  return { rest: rest.join(' ').trim(), options }
}

export const optionText = (
  options: Readonly<Record<string, unknown>>,
  name: string,
  fallback: string,
): string => (options[name] === undefined || options[name] === null ? fallback : str(options[name]))

export const requireDict = (value: unknown, lookup: string): Readonly<Record<string, unknown>> => {
  if (isDict(value)) return value as Readonly<Record<string, unknown>>
  throw new ValueFault(`the lookup ${lookup} wants a dict`)
}
