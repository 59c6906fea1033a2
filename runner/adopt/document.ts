import { writeVariables } from '../load/yaml/write.ts'
import { visibleLine } from '../report/visible.ts'
import type { Description } from './describe.ts'

/** The file of variables that says what was found. @param day `2026-11-29` */
export function documentOf({ host, cluster, variables }: Description, day: string): string {
  const head = [
    `${host}: cluster ${cluster} as it was on ${day}, by \`play adopt\`. For host_vars/${host}.yaml beside the inventory.`,
    'What is not said here stays as it is. With these variables site.yaml --check finds nothing to change.',
  ]
  const lines = (texts: readonly string[]) => texts.map((text) => visibleLine(text))
  return writeVariables(
    lines(head),
    variables.map(({ name, value, notes }) => ({ name, value, notes: lines(notes) })),
  )
}
