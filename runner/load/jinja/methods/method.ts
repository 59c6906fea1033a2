import type { Run } from '../run.ts'

/** A method of a type. @throws {ValueFault} */
export interface Method<Self> {
  /** As Python writes them: parsed when it is first called, since most never are. */
  params: string
  body: (self: Self, args: readonly unknown[], run: Run) => unknown
}

export type Methods<Self> = ReadonlyMap<string, Method<Self>>

/** @param table signature and body by name: `'find(sub, start=None)': …` */
export function methods<Self>(
  table: Readonly<Record<string, (self: Self, args: readonly unknown[], run: Run) => unknown>>,
): Methods<Self> {
  const made = new Map<string, Method<Self>>()
  for (const [head, body] of Object.entries(table)) {
    const [, name, params] = /^(\w+)\((.*)\)$/s.exec(head)!
    made.set(name!, { params: params!, body })
  }
  return made
}
