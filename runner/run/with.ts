import { randomInt } from 'node:crypto'

import { Refusal } from '../../contract/errors.ts'
import { UnknownError } from '../../contract/unknown.ts'
import { filesLike, isFile } from '../load/files-like.ts'
import { outputOf, shell } from '../load/outside.ts'
import { readText } from '../load/yaml.ts'
import { lookupPlaces } from './places.ts'
import { sequence } from './with-sequence.ts'

/** What the table may ask of the machine that play runs on. */
export interface Around {
  /** Folders that relative names are looked up from: the task's file's and the playbook's. */
  dirs: readonly string[]
  /** Where a first file is looked for beside them. */
  kind: 'files' | 'templates' | 'vars'
  /** It is the task's turn: what must be done once, such as running a program, is only done then. */
  now: boolean
  /** Nothing may be run: its answer is unknown. */
  check: boolean
}

/** Makes items of what stands under `with_NAME`. */
type Lookup = (terms: unknown, around: Around) => unknown[]

/** The lookups that loops may use as with_NAME (docs.ansible.com, Loops; ansible.builtin lookups). Each is pure but for files. */
export const WITH: Readonly<Record<string, Lookup>> = {
  items: (terms) => listOf(terms).flatMap(asList),
  list: (terms) => listOf(terms),
  flattened: (terms) => flatten(listOf(terms)),
  dict: (terms) => listOf(terms).flatMap(pairsOf),
  together: (terms) => together(listOf(terms)),
  nested: (terms) => nested(listOf(terms)),
  cartesian: (terms) => nested(listOf(terms)),
  indexed_items: (terms) =>
    listOf(terms)
      .flatMap(asList)
      .map((item, index) => [index, item]),
  sequence: (terms) => listOf(terms).flatMap((term) => sequence(term)),
  subelements: (terms) => subelements(listOf(terms)),
  random_choice: (terms, { now }) => {
    const all = listOf(terms)
    onlyNow(now)
    return all.length === 0 ? [] : [all[randomInt(all.length)]]
  },
  file: (terms, around) => listOf(terms).map((term) => readText(fileOf(String(term), around)).trimEnd()),
  fileglob: (terms, { dirs }) => listOf(terms).flatMap((term) => filesIn(String(term), dirs)),
  first_found: (terms, around) => firstFound(listOf(terms), around),
  lines: (terms, around) => listOf(terms).flatMap((term) => linesOf(String(term), around)),
}

/** `{{ x }}` under with_first_found whose variables are not there is left out, as in Ansible. */
export const toleratesUndefined = (name: string): boolean => name === 'first_found'

const listOf = (terms: unknown): unknown[] => (Array.isArray(terms) ? terms : [terms])
const asList = (term: unknown): unknown[] => (Array.isArray(term) ? term : [term])
const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const flatten = (terms: readonly unknown[]): unknown[] =>
  terms.flatMap((term) => (Array.isArray(term) ? flatten(term) : [term]))

function pairsOf(term: unknown): { key: string; value: unknown }[] {
  if (!isMapping(term)) throw new Refusal(`with_dict needs a mapping, and this is ${kindOf(term)}`)
  return Object.entries(term).map(([key, value]) => ({ key, value }))
}

function together(terms: readonly unknown[]): unknown[] {
  const lists = terms.map(asList)
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => asList(list[index] ?? null)))
}

/** Every combination; the last list goes fastest. */
function nested(terms: readonly unknown[]): unknown[] {
  const [first, ...more] = terms.map(asList)
  if (!first) throw new Refusal('with_nested needs at least one list')
  const start = first.map((item) => (more.length === 0 ? asList(item) : [item]))
  return more.reduce<unknown[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item].flatMap(asList))),
    start,
  )
}

function subelements([elements, path, flags]: unknown[]): unknown[] {
  if ((!Array.isArray(elements) && !isMapping(elements)) || typeof path !== 'string')
    throw new Refusal(
      'with_subelements needs a list or a mapping, and the name of a list in each of its elements',
      'write with_subelements: ["{{ users }}", keys]',
    )
  const skipMissing = isMapping(flags) && /^(true|yes|on|1)$/i.test(String(flags.skip_missing))
  if (isMapping(elements) && elements.skipped === true) return []
  return Object.values(elements).flatMap((element) => {
    if (!isMapping(element))
      throw new Refusal(`with_subelements: an element is ${kindOf(element)}, not a mapping`)
    if (element.skipped === true) return []
    const inner = path
      .split('.')
      .reduce<unknown>(
        (here, key) => (isMapping(here) && Object.hasOwn(here, key) ? here[key] : undefined),
        element,
      )
    if (Array.isArray(inner)) return inner.map((item) => [without(element, path.split('.')), item])
    if (inner === undefined && skipMissing) return []
    throw new Refusal(
      inner === undefined
        ? `with_subelements: an element has no ${path}`
        : `with_subelements: ${path} of an element is ${kindOf(inner)}, not a list`,
      inner === undefined
        ? 'add { skip_missing: true } as the third entry where some may have none'
        : undefined,
    )
  })
}

/** As in Ansible an element comes without the list that is gone through. */
function without(element: Record<string, unknown>, [key, ...rest]: string[]): Record<string, unknown> {
  const { [key!]: inner, ...others } = element
  return rest.length === 0 ? others : { ...element, [key!]: without(inner as Record<string, unknown>, rest) }
}

function fileOf(name: string, { dirs }: Around): string {
  const places = lookupPlaces(name, dirs, 'files')
  const found = places.find(isFile)
  if (found === undefined)
    throw new Refusal(`there is no file ${name} on this machine`, `Looked for ${places.join(', ')}.`)
  return found
}

function filesIn(pattern: string, dirs: readonly string[]): string[] {
  for (const place of lookupPlaces(pattern, dirs, 'files')) {
    const found = filesLike(place)
    if (found.length > 0) return found
  }
  return []
}

function firstFound(terms: readonly unknown[], { dirs, kind }: Around): unknown[] {
  let skip = false
  const names = terms.flatMap((term): string[] => {
    if (!isMapping(term)) return splitNames(term)
    skip = /^(true|yes|on|1)$/i.test(String(term.skip ?? 'false'))
    const paths = splitNames(term.paths)
    const files = splitNames(term.files)
    return paths.length === 0 ? files : paths.flatMap((path) => files.map((file) => `${path}/${file}`))
  })
  for (const name of names)
    for (const place of lookupPlaces(name, dirs, kind)) if (isFile(place)) return [place]
  if (skip) return []
  throw new Refusal(
    'with_first_found: none of the files is there',
    `Looked for ${names.join(', ')}. With skip: true beside files: the task is skipped where none is.`,
  )
}

const splitNames = (value: unknown): string[] =>
  listOf(value ?? []).flatMap((one) =>
    typeof one === 'string' ? one.split(/[,;]/).filter(Boolean) : [String(one)],
  )

function linesOf(command: string, { now, check }: Around): string[] {
  onlyNow(now)
  if (check) throw new UnknownError('a check does not run the commands of with_lines')
  const { code, stdout, fault } = outputOf(shell(command))
  if (code !== 0)
    throw new Refusal(`a command of with_lines failed${fault ? `: ${fault}` : ` with ${code}`}: ${command}`)
  return stdout.split('\n').slice(0, stdout.endsWith('\n') ? -1 : undefined)
}

function onlyNow(now: boolean): void {
  if (!now) throw new Error('this waits for its turn')
}

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'a mapping'
        : `a ${typeof value}`
