import type { Module } from '../../contract/module.ts'
import { canonical, canonicalName } from '../../contract/parse-params.ts'
import type { Pos } from '../errors.ts'
import type { Task } from '../load/types.ts'

type Path = readonly (string | number)[]

export interface WrittenArgs {
  /** Under the schema's names, aliases resolved. */
  value: Record<string, unknown>
  /** Two spellings of one argument. */
  twice: [later: string, earlier: string][]
  locate(path: Path): Pos
  locateKey(path: Path): Pos
}

/** A task's arguments by the names of the schema, which find the place of the spelling that was used. */
export function writtenArgs(task: Task, module: Module): WrittenArgs {
  const spelling = new Map<string, string>()
  const twice: [string, string][] = []
  for (const written of Object.keys(task.args.value)) {
    const name = canonicalName(written, module.params)
    const earlier = spelling.get(name)
    if (earlier !== undefined) twice.push([written, earlier])
    spelling.set(name, written)
  }
  const asWritten = (path: Path): Path => {
    const [first, ...rest] = path
    return first === undefined ? [] : [spelling.get(String(first)) ?? first, ...rest]
  }
  return {
    value: canonical(task.args.value, module.params),
    twice,
    locate: (path) => task.args.locate(asWritten(path)),
    locateKey: (path) => task.args.locateKey(asWritten(path)),
  }
}
