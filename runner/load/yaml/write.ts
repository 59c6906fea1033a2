import { Document, isMap, isSeq, stringify, visit } from 'yaml'
import { isOtherThanText } from './other-than-text.ts'

/** Data as a YAML document. */
export const writeYaml = (value: unknown): string => stringify(value, { lineWidth: 0 })

/** A variable as it is written, with lines of comment above it; without a value there are these alone. */
export interface WrittenVariable {
  name: string
  value?: unknown
  notes: readonly string[]
}

/** The text of a file of variables, which parseYaml reads as the same. `head` are lines of comment at its beginning. */
export function writeVariables(head: readonly string[], variables: readonly WrittenVariable[]): string {
  const blocks = variables.map(({ name, value, notes }) => {
    const comment = commentOf(notes)
    return value === undefined ? comment : `${comment}${pairText(name, value)}`
  })
  return `${commentOf(head)}${blocks.join('')}`
}

const commentOf = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join('')

function pairText(name: string, value: unknown): string {
  const document = new Document({ [name]: value })
  // One line for each element of a list, as somebody would write it.
  visit(document, {
    // As somebody reads it beside an ansible.cfg, in YAML 1.1.
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && isOtherThanText(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
    Seq: (_, list) => {
      for (const item of list.items) if (isMap(item) || isSeq(item)) item.flow = true
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}
