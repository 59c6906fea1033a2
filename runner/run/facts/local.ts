import { partedAt } from '../../../contract/ends.ts'
import { parseJson } from '../../../contract/exact-json.ts'
import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'

/** `local`: what the files of /etc/ansible/facts.d say, JSON or INI, by their names. Programs are not run, and say so. */
export function localFacts(found: Found): Vars {
  const files = [...found.under('fact')].map(([name, text]) => [named(name), dataOf(text)])
  const programs = [...found.under('program')].map(([name]) => [
    named(name),
    'not run: it is executable, and play starts no program to gather facts',
  ])
  return { local: Object.fromEntries([...files, ...programs]) }
}

const named = (file: string): string => file.replace(/\.fact$/, '')

function dataOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return sectionsOf(text) ?? 'error loading facts as JSON or ini'
  }
}

/** Sections with keys in small letters, and values as texts; undefined where it is something else. */
function sectionsOf(text: string): Vars | undefined {
  const sections = new Map<string, Map<string, unknown>>()
  let section: Map<string, unknown> | undefined
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || /^[#;]/.test(line)) continue
    const name = /^\[(.+)\]$/.exec(line)?.[1]
    const [key, value] = partedAt(line, /[=:]/) ?? []
    if (name !== undefined) {
      section = new Map()
      sections.set(name, section)
    } else if (section && key) section.set(key.toLowerCase(), value)
    else return undefined
  }
  return Object.fromEntries([...sections].map(([name, found]) => [name, Object.fromEntries(found)]))
}
