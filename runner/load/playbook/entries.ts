import type { Entry, Located } from '../types.ts'
import { isMapping, within } from '../yaml.ts'
import { isBlock, readBlock } from './block.ts'
import type { Context, Mapping } from './context.ts'
import { describe } from './describe.ts'
import { importTasks, includeTasks, isImport, isInclude } from './imports.ts'
import { isMeta, readMeta } from './meta.ts'
import { importRole, includeRole, isImportRole, isIncludeRole } from './roles/role-tasks.ts'
import { readTask } from './task.ts'

/** A list of tasks: of a play's section, a block or a file. Imports are replaced by what they import. */
export function readEntries(list: Located, context: Context, what = 'tasks'): Entry[] {
  if (list.value === null || list.value === undefined) return []
  if (!Array.isArray(list.value)) {
    context.diagnostics.add('playbook', `${what} wants a list of tasks, but found ${describe(list.value)}`, {
      pos: list.locate(),
      hint: 'start each task with "- "',
    })
    return []
  }
  const entries = list.value.flatMap((_, index) => readEntry(within(list, index), context))
  // What is imported knows its own role.
  return context.role ? entries.map((entry) => ({ role: context.role, ...entry })) : entries
}

function readEntry(at: Located, context: Context): Entry[] {
  if (!isMapping(at.value)) {
    context.diagnostics.add('playbook', `a task is a mapping, but this is ${describe(at.value)}`, {
      pos: at.locate(),
      hint: taskHint(at.value, context),
    })
    return []
  }
  const entry = at as Located<Mapping>
  if (isBlock(entry.value)) return [readBlock(entry, context)]
  if (isImport(entry.value)) return importTasks(entry, context)
  if (isImportRole(entry.value)) return importRole(entry, context)
  if (isIncludeRole(entry.value)) return [includeRole(entry, context)].flatMap((found) => found ?? [])
  if (isInclude(entry.value)) return [includeTasks(entry, context)].flatMap((found) => found ?? [])
  if (isMeta(entry.value)) return [readMeta(entry, context)].flatMap((found) => found ?? [])
  return [readTask(entry, context)].flatMap((found) => found ?? [])
}

function taskHint(value: unknown, context: Context): string {
  if (typeof value === 'string' && context.modules.has(value.trim()))
    return `write - ${value.trim()}: followed by its arguments`
  return 'write - name: …, and the module with its arguments on the next lines'
}
