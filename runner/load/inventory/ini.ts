import type { Pos } from '../../errors.ts'
import { didYouMean } from '../nearest.ts'
import type { Vars } from '../types.ts'
import { type Draft, type GroupDraft, isGroupName, type Layer } from './draft.ts'
import { parseValue } from './python-literal.ts'
import { splitWords } from './words.ts'

type Kind = 'hosts' | 'vars' | 'children'
interface Section {
  group: GroupDraft
  kind: Kind
  /** Of a [group:vars] section. */
  layer?: PlacedVars
}

/** Reads an INI inventory into `draft`, which collects the errors (Ansible, "Inventory basics: INI format"). */
export function readIni(draft: Draft, file: string, text: string): void {
  let section: Section | undefined = { group: draft.declare('ungrouped'), kind: 'hosts' }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  lines.forEach((raw, index) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return
    const indent = raw.length - raw.trimStart().length
    const at = (col: number, length?: number): Pos => ({
      file,
      line: index + 1,
      col: indent + col,
      length,
    })
    if (line.startsWith('[') && !isHostRange(line)) section = startSection(draft, line, at)
    else if (section) readLine(draft, section, line, at)
  })
}

type At = (col: number, length?: number) => Pos

/** `[1:5].example.com` is a host, `[web]` and `[web:vars]` are sections. */
const isHostRange = (line: string): boolean => /^\[[^\]]*\][^\s#;]/.test(line)

/** Undefined where the heading is wrong: what follows cannot be judged. */
function startSection(draft: Draft, line: string, at: At): Section | undefined {
  const found = /^\[([^\]:]*)(?::([^\]]*))?\]\s*(?:[#;].*)?$/.exec(line)
  if (!found) {
    draft.fail(
      `${line} is not a section`,
      at(1, line.length),
      'write [group], [group:vars] or [group:children]',
    )
    return undefined
  }
  const name = found[1]!.trim()
  const kind = found[2]?.trim() ?? 'hosts'
  if (!isGroupName(name)) {
    draft.fail(`${JSON.stringify(name)} is not a group name`, at(2, name.length || 1))
    return undefined
  }
  if (kind !== 'vars' && kind !== 'children' && !(kind === 'hosts' && found[2] === undefined)) {
    const hint =
      didYouMean(kind, ['vars', 'children']) ?? `write [${name}], [${name}:vars] or [${name}:children]`
    draft.fail(`a section cannot end in :${kind}`, at(found[1]!.length + 2, kind.length + 1), hint)
    return undefined
  }
  if (kind !== 'vars') return { group: draft.declare(name), kind: kind as Kind }
  const group = draft.use(name, at(2, name.length), `[${name}:vars]`)
  const layer = new PlacedVars()
  group.layers.push(layer)
  return { group, kind, layer }
}

function readLine(draft: Draft, section: Section, line: string, at: At): void {
  if (section.kind === 'hosts') draft.diagnostics.collect(() => readHost(draft, section.group, line, at))
  else if (section.kind === 'vars') readVariable(draft, section, line, at)
  else readChild(draft, section.group, line, at)
}

function readHost(draft: Draft, group: GroupDraft, line: string, at: At): void {
  const [entry, ...assignments] = splitWords(line, at)
  if (!entry) return
  const layer = new PlacedVars()
  for (const { text, col, length } of assignments) {
    const equals = text.indexOf('=')
    if (equals < 1) {
      draft.fail(
        `${JSON.stringify(text)} is not key=value, which is what follows a host's name`,
        at(col, length),
        'put each host on a line of its own, and quote values with spaces: key="two words"',
      )
    } else layer.set(text.slice(0, equals), parseValue(text.slice(equals + 1)), at(col, length))
  }
  draft.addHosts(
    group,
    entry.text,
    () => at(entry.col, entry.length),
    assignments.length > 0 ? layer : undefined,
  )
}

function readVariable(draft: Draft, section: Section, line: string, at: At): void {
  const equals = line.indexOf('=')
  const name = line.slice(0, Math.max(equals, 0)).trim()
  if (name === '') {
    const hint = `hosts stand under [${section.group.name}], variables as key=value`
    draft.fail(`${JSON.stringify(line)} is not key=value`, at(1, line.length), hint)
  } else section.layer!.set(name, parseValue(line.slice(equals + 1).trim()), at(1, line.length))
}

function readChild(draft: Draft, group: GroupDraft, line: string, at: At): void {
  const name = line.replace(/(?<!\s)\s+[#;].*$/, '')
  if (!isGroupName(name)) {
    const hint = 'one group a line; its hosts and variables go to sections of their own'
    draft.fail(`${JSON.stringify(name)} is not a group name`, at(1, name.length), hint)
    return
  }
  const pos = at(1, name.length)
  draft.use(name, pos, `a child of ${group.name}`)
  if (!group.children.has(name)) group.children.set(name, () => pos)
}

/** Variables with a place each. */
class PlacedVars implements Layer {
  vars: Vars = {}
  readonly #places = new Map<string, Pos>()

  set(name: string, value: unknown, pos: Pos): void {
    Object.defineProperty(this.vars, name, { value, enumerable: true, writable: true, configurable: true })
    this.#places.set(name, pos)
  }

  at(name: string): Pos {
    return this.#places.get(name)!
  }
}
