// `npm run docs`: writes docs/modules.md from the modules' own schemas, and docs/keywords.md from the table of keywords. A
// test compares them.
import { writeFileSync } from 'node:fs'
import * as z from 'zod'
import type { Module } from '../contract/module.ts'
import { parameters } from '../contract/parse-params.ts'
import { modules } from '../modules/registry.ts'
import { KEYWORDS } from '../runner/load/playbook/keyword-table.ts'

/** The reference of all modules, as Markdown. */
export function moduleReference(): string {
  const sections = [...modules.values()].map(section)
  const index = [...modules.values()].map(({ name, summary }) => `| [${name}](#${name}) | ${cell(summary)} |`)
  return `# Modules

Made of the modules' own schemas by \`npm run docs\`.

| module | |
|---|---|
${index.join('\n')}

${sections.join('\n\n')}
`
}

const INHERITS = {
  nearest: 'the innermost that says it counts',
  adds: 'all of them count',
  own: '',
}

/** The reference of the keywords of playbooks, as Markdown. */
export function keywordReference(): string {
  const rows = Object.entries(KEYWORDS).map(([name, { on, takes, template, inherits, summary }]) =>
    [`\`${name}\``, on.join(', '), takes, template ? 'yes' : 'no', INHERITS[inherits], summary]
      .map(cell)
      .join(' | '),
  )
  return `# Keywords

Made of runner/load/playbook/keyword-table.ts by \`npm run docs\`. Names and meanings are Ansible's. Where {{ }} may not
stand, it is an error before the first connection. Keywords of a play that hold {{ }}, and \`run_once\` and
\`any_errors_fatal\`, are what the first host of the play says.

| keyword | on | takes | {{ }} | on nodes inside each other | |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}
`
}

function section(module: Module): string {
  const rows = [...parameters(module.params)].map(([name, { meta, schema }]) => {
    const { type, fallback } = shape(schema)
    const required = schema.safeParse(undefined).success ? '' : ' (required)'
    const also = meta?.aliases ? ` Also: ${meta.aliases.map((alias) => `\`${alias}\``).join(', ')}.` : ''
    const example = meta?.example === undefined ? '' : ` Example: \`${JSON.stringify(meta.example)}\`.`
    const text = `${meta?.description ?? ''}${also}${example}`
    return `| \`${name}\`${required} | ${cell(type)} | ${cell(fallback)} | ${cell(text)} |`
  })
  const free = module.freeForm ? `\nWritten as plain text it is \`${module.freeForm}\`.\n` : ''
  const table =
    rows.length > 0
      ? `\n| parameter | type | default | |\n|---|---|---|---|\n${rows.join('\n')}`
      : '\nNo parameters.'
  return `## ${module.name}\n\n${module.summary}\n${free}${table}`
}

function shape(schema: z.ZodType): { type: string; fallback: string } {
  try {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, any>
    const fallback = json.default === undefined ? '' : JSON.stringify(json.default)
    return { type: typeName(json), fallback }
  } catch {
    return { type: 'any', fallback: '' }
  }
}

function typeName(json: Record<string, any>): string {
  if (json.enum) return json.enum.map((value: unknown) => String(value)).join(', ')
  if (json.const !== undefined) return String(json.const)
  if (json.anyOf) return [...new Set(json.anyOf.map(typeName))].join(' or ')
  if (json.type === 'array') return json.items ? `list of ${typeName(json.items)}` : 'list'
  if (json.type === 'object') return 'mapping'
  if (Array.isArray(json.type)) return json.type.join(' or ')
  return typeof json.type === 'string' ? json.type : 'any'
}

const cell = (text: unknown): string => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')

if (process.argv[1]?.endsWith('generate.ts')) {
  writeFileSync(new URL('./modules.md', import.meta.url), moduleReference())
  writeFileSync(new URL('./keywords.md', import.meta.url), keywordReference())
}
