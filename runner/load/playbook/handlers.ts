import type { Handler, Located } from '../types.ts'
import { isMapping, within } from '../yaml.ts'
import type { Context, Mapping } from './context.ts'
import { describe } from './describe.ts'
import { readEntries } from './entries.ts'
import { importTasks, includeTasks, isImport, isInclude } from './imports.ts'
import { isIncludeRole } from './roles/role-tasks.ts'
import { readTask } from './task.ts'

/** A play's handlers: tasks and includes, for a handler runs by its name. */
export function readHandlers(list: Located, playContext: Context): Handler[] {
  const context = { ...playContext, handlers: true }
  if (!Array.isArray(list.value)) {
    // Tells what is wrong, as for any list of tasks.
    readEntries(list, context, 'handlers')
    return []
  }
  return list.value.flatMap((value, index) => {
    const at = within<Mapping>(list, index)
    const refuse = (what: string) => {
      context.diagnostics.add('playbook', `a handler is one task, but this is ${what}`, {
        pos: at.locate(),
        hint: 'write each task as a handler, and give them the same listen:',
      })
      return []
    }
    if (!isMapping(value)) return refuse(describe(value))
    if (!isImport(value)) {
      if ('block' in value) return refuse('a block')
      if (isInclude(value)) return [includeTasks(at, context)].flatMap((found) => found ?? [])
      if (isIncludeRole(value)) return refuse('include_role')
      const handler = readTask(at, context)
      return handler ? [handler] : []
    }
    const imported = importTasks(at, context)
    return imported.flatMap((entry) =>
      entry.kind === 'task' || entry.kind === 'include'
        ? [entry]
        : refuse(`a file that holds a ${entry.kind}`),
    )
  })
}
