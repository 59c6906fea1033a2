import type { Entry, Located } from '../../types.ts'
import { within } from '../../yaml.ts'
import type { Context } from '../context.ts'
import { describe } from '../describe.ts'
import { readNamedRole } from './read-role.ts'

/** `roles:` of a play: their tasks come before its own, and all of the play sees their variables. */
export function readRoles(list: Located, context: Context): Entry[] {
  if (list.value === undefined || list.value === null) return []
  if (!Array.isArray(list.value)) {
    context.diagnostics.add('playbook', `roles wants a list of roles, but found ${describe(list.value)}`, {
      pos: list.locate(),
      hint: 'start each role with "- "',
    })
    return []
  }
  return list.value.flatMap((_, index) => {
    const read = readNamedRole(within(list, index), context)
    if (!read) return []
    context.parts.roles.push(read.use)
    context.parts.handlers.push(...read.handlers)
    return read.entries
  })
}
