import { posix } from 'node:path'
import { partedAt } from '../../../../contract/ends.ts'
import { filesLike, isFile } from '../../files-like.ts'
import { getKey, hasKey, isDict, isList, str, ValueFault } from '../../jinja/value.ts'
import { expandUser } from '../paths.ts'
import { toBool } from '../values.ts'
import { flatTerms, type Lookup, type LookupContext, optionText, textTerm, withOptions } from './lookup.ts'

/** The places where a relative path may be meant: in the folder of its kind, then beside it. */
function placesOf(path: string, kind: string, context: LookupContext): string[] {
  const wanted = expandUser(path)
  if (wanted.startsWith('/')) return [wanted]
  return context.searchPath(kind).map((folder) => posix.join(folder, wanted))
}

/** @throws {ValueFault} where there is no such file */
function find(path: string, kind: string, context: LookupContext): { path: string; text: string } {
  const places = placesOf(path, kind, context)
  for (const place of places) {
    const text = context.read(place)
    if (text !== undefined) return { path: place, text }
  }
  throw new ValueFault(`there is no file '${path}'`, `looked for: ${places.join(', ')}`)
}

function fileGlob(terms: readonly unknown[], context: LookupContext): unknown[] {
  return flatTerms(terms).flatMap((term) => {
    const pattern = textTerm(term, 'fileglob')
    for (const place of placesOf(pattern, 'files', context)) {
      const found = filesLike(place)
      if (found.length > 0) return found
    }
    return []
  })
}

/** Files in the order in which they are wanted, of a list, or of dicts with files and paths. */
function wantedFiles(
  terms: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
): { files: string[]; skip: boolean } {
  const list = (value: unknown): string[] =>
    isList(value)
      ? value.map(str)
      : typeof value === 'string'
        ? value.split(/[,;]/).map((one) => one.trim())
        : []
  let skip = toBool(named.skip ?? false)
  const files: string[] = []
  const add = (names: string[], folders: string[]): void => {
    for (const folder of folders.length > 0 ? folders : [''])
      for (const name of names) files.push(folder === '' ? name : posix.join(folder, name))
  }
  const take = (term: unknown): void => {
    if (isList(term)) for (const one of term) take(one)
    else if (isDict(term)) {
      const of = (key: string): unknown => (hasKey(term, key) ? getKey(term, key) : undefined)
      if (of('skip') !== undefined) skip = toBool(of('skip'))
      if (of('files') === undefined && of('terms') === undefined) files.push(...list(of('paths')))
      else add(list(of('files') ?? of('terms')), list(of('paths')))
    } else add([textTerm(term, 'first_found')], list(named.paths))
  }
  for (const term of terms) take(term)
  if (terms.length === 0) add(list(named.files), list(named.paths))
  return { files, skip }
}

function firstFound(
  terms: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
  context: LookupContext,
): unknown[] {
  const { files, skip } = wantedFiles(terms, named)
  for (const file of files)
    for (const kind of ['files', 'templates', 'vars']) {
      const found = placesOf(file, kind, context).find(isFile)
      if (found !== undefined) return [found]
    }
  if (skip) return []
  throw new ValueFault(`none of these files is there: ${files.join(', ')}`, 'skip=true goes on without one')
}

const trimmed = (text: string, named: Readonly<Record<string, unknown>>): string => {
  const right = toBool(named.rstrip ?? true) ? text.trimEnd() : text
  return toBool(named.lstrip ?? false) ? right.trimStart() : right
}

/** `key=value` lines under `[section]`, or without sections as properties. */
function ini(term: unknown, named: Readonly<Record<string, unknown>>, context: LookupContext): unknown[] {
  const { rest: key, options } = withOptions(textTerm(term, 'ini'), named, [
    'file',
    'section',
    'default',
    'type',
    're',
    'allow_no_value',
  ])
  const { text } = find(optionText(options, 'file', 'ansible.ini'), 'files', context)
  const isProperties = optionText(options, 'type', 'ini') === 'properties'
  const wanted = isProperties ? '' : optionText(options, 'section', 'global')
  let section = ''
  const found = new Map<string, string>()
  let last: string | undefined
  for (const line of text.split(/\r?\n/)) {
    const head = /^\[([^\]]+)\]/.exec(line)
    if (head && !isProperties) section = head[1]!
    if (head || /^\s*(?:[#;].*)?$/.test(line)) continue
    if (section !== wanted && !(section === '' && isProperties)) continue
    const pair = /^[^=:\s]/.test(line) ? partedAt(line, /[=:]/) : undefined
    if (pair) {
      last = pair[0].toLowerCase()
      found.set(last, pair[1])
    } else if (/^\s/.test(line) && last !== undefined) found.set(last, `${found.get(last)}\n${line.trim()}`)
  }
  const value = found.get(key.toLowerCase())
  return [value ?? optionText(options, 'default', '')]
}

/** Fields between separators, and in double quotes. */
function csvLine(line: string, separator: string): string[] {
  const fields: string[] = []
  let field = ''
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    const one = line[at]!
    if (isQuoted) {
      if (one !== '"') field += one
      else if (line[at + 1] === '"') field += line[++at]!
      else isQuoted = false
    } else if (one === '"' && field === '') isQuoted = true
    else if (one === separator) {
      fields.push(field)
      field = ''
    } else field += one
  }
  return [...fields, field]
}

function csv(term: unknown, named: Readonly<Record<string, unknown>>, context: LookupContext): unknown[] {
  const { rest: key, options } = withOptions(textTerm(term, 'csvfile'), named, [
    'file',
    'delimiter',
    'col',
    'default',
    'encoding',
    'keycol',
  ])
  const { text } = find(optionText(options, 'file', 'ansible.csv'), 'files', context)
  const said = optionText(options, 'delimiter', 'TAB')
  const separator = said === 'TAB' || said === 't' || said === '\\t' ? '\t' : said
  for (const line of text.split(/\r?\n/)) {
    const fields = csvLine(line, separator)
    if (fields[Number(optionText(options, 'keycol', '0'))] !== key) continue
    const found = fields[Number(optionText(options, 'col', '1'))]
    if (found !== undefined) return [found]
    throw new ValueFault(`the line of '${key}' has no column ${optionText(options, 'col', '1')}`)
  }
  return options.default === undefined ? [] : [options.default]
}

function template(
  term: unknown,
  named: Readonly<Record<string, unknown>>,
  context: LookupContext,
): unknown[] {
  const { path, text } = find(textTerm(term, 'template'), 'templates', context)
  const more = isDict(named.template_vars) ? (named.template_vars as Record<string, unknown>) : {}
  return [context.template(text, path, more)]
}

export const FILE_LOOKUPS: readonly Lookup[] = [
  {
    name: 'file',
    params: 'rstrip=True, lstrip=False',
    usage: "lookup('file', 'key.pub')",
    summary: 'the text of a file of this machine',
    run: (terms, named, context) =>
      flatTerms(terms).map((term) => trimmed(find(textTerm(term, 'file'), 'files', context).text, named)),
  },
  {
    name: 'fileglob',
    params: '',
    usage: "query('fileglob', 'conf.d/*.conf')",
    summary: 'the files of this machine that a pattern fits',
    run: (terms, _, context) => fileGlob(terms, context),
  },
  {
    name: 'first_found',
    params: 'files=None, paths=None, skip=False',
    usage: "lookup('first_found', ['a.yml', 'default.yml'])",
    summary: 'the first of these files that is there',
    run: firstFound,
  },
  {
    name: 'template',
    params:
      'template_vars=None, convert_data=True, jinja2_native=False, variable_start_string=None, variable_end_string=None, comment_start_string=None, comment_end_string=None, trim_blocks=True, lstrip_blocks=False',
    usage: "lookup('template', 'x.conf.j2')",
    summary: 'what a template makes',
    run: (terms, named, context) => flatTerms(terms).flatMap((term) => template(term, named, context)),
  },
  {
    name: 'ini',
    params:
      'file="ansible.ini", section="global", default="", type="ini", re=False, encoding="utf-8", case_sensitive=False, allow_no_value=False',
    usage: "lookup('ini', 'port section=db file=a.ini')",
    summary: 'the value of a key in an INI file',
    run: (terms, named, context) => flatTerms(terms).flatMap((term) => ini(term, named, context)),
  },
  {
    name: 'csvfile',
    params: 'file="ansible.csv", delimiter="TAB", col=1, keycol=0, default=None, encoding="utf-8"',
    usage: "lookup('csvfile', 'db1 file=hosts.csv delimiter=,')",
    summary: 'a column of the line that begins with a key',
    run: (terms, named, context) => flatTerms(terms).flatMap((term) => csv(term, named, context)),
  },
]
