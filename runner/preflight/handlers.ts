import type { Diagnostics } from '../errors.ts'
import { didYouMean } from '../load/nearest.ts'
import { hasTemplate } from '../load/template.ts'
import type { Handler, Task } from '../load/types.ts'

/** A notified handler must be there, by its name or by what it listens to. */
export function checkNotifications(task: Task, handlers: readonly Handler[], diagnostics: Diagnostics): void {
  const names = handlers.flatMap((handler) =>
    handler.named ? [handler.name, ...byRole(handler), ...(handler.listen ?? [])] : (handler.listen ?? []),
  )
  // A handler whose name is only known at run time may be any of them.
  if (names.some(hasTemplate)) return
  for (const { name, pos } of task.notify) {
    if (hasTemplate(name) || names.includes(name)) continue
    const otherwise =
      names.length > 0
        ? `its handlers are ${names.join(', ')}`
        : 'add handlers: to the play, with a task of that name'
    diagnostics.add('handler', `this play has no handler ${name}`, {
      pos,
      hint: didYouMean(name, names, otherwise),
    })
  }
}

const byRole = ({ role, name }: Handler): string[] => (role ? [`${role.name} : ${name}`] : [])
