import type { Module } from '../../contract/module.ts'
import type { Diagnostics } from '../errors.ts'
import type { Entry, Play, Task } from '../load/types.ts'
import { walk } from './walk.ts'
import { type WrittenArgs, writtenArgs } from './written-args.ts'

/** Tasks of one play that undo each other in every run. Those that are not done on all hosts each time say nothing here. */
export function checkContradictions(
  play: Play,
  modules: ReadonlyMap<string, Module>,
  diagnostics: Diagnostics,
): void {
  const earlier = new Map<Module, { task: Task; args: WrittenArgs }[]>()
  for (const { entry, above } of walk(play.sections.flatMap((section) => section.entries))) {
    if (entry.kind !== 'task' || [...above, entry].some((one) => !isAlways(one))) continue
    const module = modules.get(entry.module)
    if (!module?.contradicts) continue
    const args = writtenArgs(entry, module)
    const others = earlier.get(module) ?? []
    for (const other of others) {
      if (other.task.delegateTo !== entry.delegateTo) continue
      for (const found of module.contradicts(other.args.value, args.value)) {
        const { file, line, col } = other.args.locate(found.earlier)
        diagnostics.add('argument', found.message.replace('{earlier}', `${file}:${line}:${col}`), {
          pos: args.locate(found.later),
          hint: found.hint,
        })
      }
    }
    earlier.set(module, [...others, { task: entry, args }])
  }
}

/** Neither a condition nor a loop, nor what is only done now and then. */
const isAlways = (entry: Entry): boolean =>
  entry.when.length === 0 &&
  !('loop' in entry && entry.loop) &&
  !('runOnce' in entry && entry.runOnce) &&
  !entry.tags.includes('never') &&
  !(entry.kind === 'block' && (entry.rescue.length > 0 || entry.always.length > 0))
