import { partedAt } from '../../../contract/ends.ts'
import { bare, linesOf } from '../../files/shared/edit.ts'
import { oneLine, pathOf } from './spelling.ts'

/** A line of a file as sysctl.d(5) and sysctl.conf(5) have it: `vm.swappiness = 10`, or with `-` before it. */
export interface Entry {
  name: string
  value: string
  /** A `-` stands before it: whoever loads the file goes on where the kernel does not take it. */
  mayFail: boolean
}

/** undefined for comments, empty lines, and what sets nothing. */
export function entryOf(line: string): Entry | undefined {
  const [before = '', value = ''] = partedAt(bare(line), /=/) ?? []
  const name = before.replace(/^-\s*/, '')
  return /^[^#;]/.test(name) ? { name, value, mayFail: before.startsWith('-') } : undefined
}

const isOf = (line: string, name: string): boolean => {
  const entry = entryOf(line)
  return entry !== undefined && pathOf(entry.name) === pathOf(name)
}

/** The file with a setting in it: in the place of the last line for it, which is the one that counts, else at the end. */
export function withSetting(text: string, name: string, value: string): string {
  const lines = linesOf(text)
  const last = lines.findLastIndex((line) => isOf(line, name))
  if (last < 0) {
    const end = text === '' || text.endsWith('\n') ? '' : '\n'
    return `${text}${end}${name}=${value}\n`
  }
  const entry = entryOf(lines[last]!)!
  if (oneLine(entry.value) === oneLine(value)) return text
  const line = `${entry.mayFail ? '-' : ''}${entry.name}=${value}\n`
  return lines.flatMap((one, at) => (at === last ? [line] : isOf(one, name) ? [] : [one])).join('')
}

export const withoutSetting = (text: string, name: string): string =>
  linesOf(text)
    .filter((line) => !isOf(line, name))
    .join('')
