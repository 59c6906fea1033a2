import type { Pos } from '../../errors.ts'
import { type Context, shownPath } from './context.ts'

/** Files that are imported inside each other; run/entries.ts has as many for those that are included. */
const MOST_DEEP = 100
/** Files that are read for one playbook, each as often as it is imported: two that import the next one twice are many soon. */
const MOST_FILES = 10_000

/** Whether a file is read where it is imported; what is wrong with that is said. */
export function mayRead(file: string, pos: Pos | undefined, context: Context, hint: string): boolean {
  const { chain, diagnostics, files } = context
  if (chain.includes(file)) {
    diagnostics.add('playbook', `${shownPath(file)} imports itself`, { pos, hint })
    return false
  }
  if (chain.length >= MOST_DEEP) {
    diagnostics.add('playbook', `more than ${MOST_DEEP} files import each other`, {
      pos,
      hint: `it began with ${chain.slice(0, 3).map(shownPath).join(', ')}, …: import them beside each other`,
    })
    return false
  }
  files.read += 1
  if (files.read <= MOST_FILES) return true
  // Once: whoever imports the rest would say the same.
  if (files.read === MOST_FILES + 1)
    diagnostics.add('playbook', `the imports of this playbook are more than ${MOST_FILES} files`, {
      pos,
      hint: 'a file counts as often as it is imported: import it once, or use include_tasks',
    })
  return false
}
