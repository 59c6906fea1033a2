import { readFileSync } from 'node:fs'
import type { Located } from '../../runner/load/types.ts'
import { isMapping, readYaml, within } from '../../runner/load/yaml.ts'

/** A task as it is written: where it begins, and what its module's arguments hold. */
export interface WrittenTask {
  file: string
  line: number
  text: string
}

const PARTS = ['pre_tasks', 'tasks', 'post_tasks', 'handlers', 'roles'] as const

/** Every task of a file, those in blocks too; of one that is no YAML by its lines. In the order of their lines. */
export function tasksOf(file: string): WrittenTask[] {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  let begins: number[]
  try {
    const root = readYaml(file)
    begins = Array.isArray(root.value) ? root.value.flatMap((_, index) => linesOf(within(root, index))) : []
  } catch {
    begins = lines.flatMap((line, index) => (/^\s*- (name|[\w.]+):/.test(line) ? [index + 1] : []))
  }
  const sorted = [...new Set(begins)].sort((one, other) => one - other)
  return sorted.map((line, index) => ({
    file,
    line,
    text: lines.slice(line - 1, (sorted[index + 1] ?? lines.length + 1) - 1).join('\n'),
  }))
}

function linesOf(at: Located): number[] {
  const { value } = at
  if (!isMapping(value)) return []
  const inner = (key: string) =>
    Array.isArray(value[key]) ? value[key].flatMap((_, index) => linesOf(within(at, key, index))) : []
  if ('hosts' in value) return PARTS.filter((part) => part !== 'roles').flatMap(inner)
  if ('block' in value) return [...inner('block'), ...inner('rescue'), ...inner('always')]
  return [at.locate().line]
}
