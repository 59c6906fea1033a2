import { languageOf } from '../language.ts'
import type { Located } from '../types.ts'
import { mayDiffer } from '../yaml/first-edition.ts'
import { parseYaml } from '../yaml.ts'

/**
 * parseYaml for files of thousands of hosts, where the YAML library takes seconds: files in which each line is `key:`
 * and at most a plain value are read here, all others there. Positions come from there in any case, when first asked
 * for. @throws {PlayErrors} code 'yaml'
 */
export function parseData(file: string, text: string): Located {
  // What YAML 1.1 reads otherwise is left to who knows it.
  const isOlder = mayDiffer(text) && languageOf(file, text) === 'jinja'
  const value = isOlder ? undefined : readPlain(text)
  if (value === undefined) return parseYaml(file, text)
  let full: Located | undefined
  const located = (): Located => {
    full ??= parseYaml(file, text)
    return full
  }
  return { value, locate: (path) => located().locate(path), locateKey: (path) => located().locateKey(path) }
}

type Mapping = Record<string, unknown>

const DOCUMENT_START = /^((?: *(?:#.*)?\n)*)---\n/
const MAX_LEVELS = 50
const LINE = /^( *)(\w[\w.-]{0,200}):(?: (.*))?$/s

/** Undefined for whatever is not surely read as YAML reads it. */
export function readPlain(text: string): Mapping | undefined {
  if (/[\t\r\uFEFF]/.test(text)) return undefined
  const root: Mapping = {}
  const open: { indent: number; mapping: Mapping }[] = [{ indent: 0, mapping: root }]
  let pending: string | undefined
  let lines = 0
  for (const line of text.replace(DOCUMENT_START, '$1').split('\n')) {
    if (/^ *(#.*)?$/.test(line)) continue
    const found = LINE.exec(line)
    if (!found) return undefined
    const [, blanks = '', key = '', rest = ''] = found
    const indent = blanks.length
    if (indent > open.at(-1)!.indent) {
      if (pending === undefined || lines === 0 || open.length > MAX_LEVELS) return undefined
      const mapping: Mapping = {}
      open.at(-1)!.mapping[pending] = mapping
      open.push({ indent, mapping })
    }
    while (open.at(-1)!.indent > indent) open.pop()
    const { indent: at, mapping } = open.at(-1)!
    if (at !== indent || Object.hasOwn(mapping, key) || key === '__proto__') return undefined
    const written = withoutComment(rest)
    const value = written === '' ? null : readValue(written)
    if (value === undefined) return undefined
    mapping[key] = value
    pending = written === '' ? key : undefined
    lines++
  }
  return lines === 0 ? undefined : root
}

/** A # after a quote may belong to the value: that is left to the library, as no value here matches it. */
const withoutComment = (rest: string): string =>
  (/["']/.test(rest) ? rest : rest.replace(/(^| )#.*/s, '')).trim()

function readValue(text: string): unknown {
  if (text.startsWith('{')) return readFlowMapping(text)
  if (text.startsWith('[')) return readFlowList(text)
  return readScalar(text)
}

const QUOTED = `"[^"\\\\]*"|'[^']*'`
const PLAIN = '[A-Za-z0-9_](?:[\\w ./@%+=-]*[\\w./@%+=-])?'
const SCALAR = new RegExp(`^(?:${QUOTED}|[A-Za-z0-9_](?:(?:[\\w ./@%+=-]|:(?=\\w|/))*[\\w./@%+=-])?)$`)
const LIST = `\\[ *(?:(?:${QUOTED}|${PLAIN}) *(?:, *(?:${QUOTED}|${PLAIN}) *)*)?\\]`
const ENTRY = new RegExp(` *(\\w[\\w.-]{0,200}): +(${QUOTED}|${PLAIN}|${LIST}) *(,|\\}$)`, 'y')
const ITEM = new RegExp(` *(${QUOTED}|${PLAIN}) *(,|\\]$)`, 'y')

function readFlowMapping(text: string): Mapping | undefined {
  if (/^\{ *\}$/.test(text)) return {}
  const mapping: Mapping = {}
  for (ENTRY.lastIndex = 1; ENTRY.lastIndex < text.length; ) {
    const [, key, written] = ENTRY.exec(text) ?? []
    if (key === undefined || Object.hasOwn(mapping, key) || key === '__proto__') return undefined
    const value = written!.startsWith('[') ? readFlowList(written!) : readScalar(written!)
    if (value === undefined) return undefined
    mapping[key] = value
  }
  return text.endsWith('}') ? mapping : undefined
}

function readFlowList(text: string): unknown[] | undefined {
  if (/^\[ *\]$/.test(text)) return []
  const items: unknown[] = []
  for (ITEM.lastIndex = 1; ITEM.lastIndex < text.length; ) {
    const found = ITEM.exec(text)
    const value = found ? readScalar(found[1]!) : undefined
    if (value === undefined) return undefined
    items.push(value)
  }
  return text.endsWith(']') ? items : undefined
}

/** Numbers in the forms on whose value all agree; words that some YAML reads as more than words are left out. */
function readScalar(text: string): unknown {
  if (!SCALAR.test(text)) return undefined
  if (/^["']/.test(text)) return text.slice(1, -1)
  if (text === 'true') return true
  if (text === 'false') return false
  if (/^(0|[1-9]\d{0,14}|\d{1,9}\.\d{1,6})$/.test(text)) return Number(text)
  if (/^\d+(\.\d+){2,}$/.test(text)) return text
  return /^\d|^(null|true|false)$/i.test(text) ? undefined : text
}
