import { partedAt } from '../../contract/ends.ts'
import type { Diagnostics, Pos } from '../errors.ts'

/** A value of an ansible.cfg, with the place of its key. */
export interface IniValue {
  text: string
  pos: Pos
}

/** By section and key; keys in lower case. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, IniValue>>

/**
 * Reads an ansible.cfg as Ansible does: Python's configparser with `;` for comments behind a value, and without interpolation
 * (ConfigManager of ansible/config/manager.py). What is wrong is collected.
 *
 * @param file as it is shown
 */
export function parseIni(file: string, content: string, diagnostics: Diagnostics): Ini {
  const sections = new Map<string, Map<string, IniValue>>()
  let section: Map<string, IniValue> | undefined
  let value: IniValue | undefined
  let indent = 0
  for (const [index, raw] of content
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const text = withoutComment(raw)
    const depth = raw.search(/\S/)
    const fail = (message: string, length: number, hint: string) =>
      diagnostics.add('config', message, { pos: { file, line: index + 1, col: depth + 1, length }, hint })
    if (text === '') {
      // A line of blanks belongs to a value that goes on behind it; a comment is not there.
      if (value && depth === -1) value.text += '\n'
      continue
    }
    if (value && depth > indent) {
      value.text += `\n${text}`
      continue
    }
    indent = depth
    value = undefined
    const name = /^\[(.+)\]/.exec(text)?.[1]
    const [key, rest = ''] = partedAt(text, /[=:]/) ?? []
    if (name !== undefined) {
      if (sections.has(name))
        fail(`the section [${name}] is there twice`, text.length, 'put its keys under the first one')
      section = sections.get(name) ?? new Map()
      sections.set(name, section)
    } else if (!key) fail('this is neither a section nor key = value', text.length, 'write forks = 5')
    else if (!section) fail(`${key} stands in no section`, key.length, 'begin with a line [defaults]')
    else if (section.has(key.toLowerCase()))
      fail(`${key} is there twice in its section`, key.length, 'leave one of them')
    else {
      value = { text: rest, pos: { file, line: index + 1, col: depth + 1, length: key.length } }
      section.set(key.toLowerCase(), value)
    }
  }
  for (const keys of sections.values()) for (const one of keys.values()) one.text = one.text.trimEnd()
  return sections
}

/** `#` and `;` begin a line that is a comment; behind a blank `;` begins one too. */
const withoutComment = (line: string): string =>
  /^\s*[#;]/.test(line) ? '' : line.replace(/(^|\s);.*$/s, '').trim()

/** @param name section.key @returns the key of its section, else that of [DEFAULT], which all sections have */
export function iniValue(ini: Ini, name: string): IniValue | undefined {
  const [section = '', key = ''] = name.split('.')
  const own = ini.get(section)
  return own?.get(key) ?? (own && ini.get('DEFAULT')?.get(key))
}
