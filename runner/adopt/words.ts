import { modules } from '../../modules/registry.ts'
import { compileTemplate } from '../load/template.ts'
import { isSecretName } from '../report/secret-names.ts'
import { secretsIn } from '../report/secret-texts.ts'

/** A brace that begins something for whoever reads variables, with the backslashes that would hide it. */
const BRACE = /(?<!\\)\\*\{(?=[{%#])/g

/** A text as a variable has to hold it to mean itself; null where it cannot. */
function literalText(text: string): string | null {
  if (text.search(BRACE) < 0) return text
  const written = text.replace(BRACE, (brace) => `{{"${brace}"}}`)
  try {
    const template = compileTemplate(written, { file: 'adopt', line: 1, col: 1 })
    return template.render({}) === text ? written : null
  } catch {
    return null
  }
}

/** The same for every text in a value, names in mappings too; undefined where one cannot be written. */
export function literal(value: unknown): unknown {
  if (typeof value === 'string') return literalText(value) ?? undefined
  if (Array.isArray(value)) {
    const items = value.map(literal)
    return items.includes(undefined) ? undefined : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [literalText(key), literal(item)] as const)
  const isWhole = entries.every(([key, item]) => key !== null && item !== undefined)
  return isWhole ? Object.fromEntries(entries) : undefined
}

/** Whether a name or a text gives a secret away. */
export const isSecret = (name: string, value: string): boolean =>
  isSecretName(name) || secretsIn(`${name} = ${value}`).length > 0 || secretsIn(value).length > 0

/** Whether a module takes these arguments, which stand in a variable, as they are. */
export const accepts = (module: string, element: Readonly<Record<string, unknown>>): boolean =>
  modules.get(module)!.params.safeParse({ version: '15', ...element }).success
