import type { Entry, Handler, IncludeTasks, Located } from '../../types.ts'
import { within } from '../../yaml.ts'
import { readArgs } from '../args.ts'
import { checkKeywords } from '../check-keywords.ts'
import type { Context, Mapping } from '../context.ts'
import { Fields, isTemplate } from '../fields.ts'
import { readApply, readInclude } from '../imports.ts'
import { conditionOn, inherited, readInheritable } from '../inherit.ts'
import { IMPORT_KEYWORDS, keyOf } from '../keywords.ts'
import { readModuleDefaults } from '../module-defaults.ts'
import { renderStatic } from '../static.ts'
import { type Asked, readRole, withKeywords } from './read-role.ts'

export const isImportRole = (value: Mapping): boolean => keyOf(value, 'import_role') !== undefined
export const isIncludeRole = (value: Mapping): boolean => keyOf(value, 'include_role') !== undefined

const PARTS = ['tasks', 'vars', 'defaults', 'handlers'] as const
const ARGUMENTS = [
  ...PARTS.map((part) => `${part}_from`),
  'name',
  'role',
  'public',
  'allow_duplicates',
  'rolespec_validate',
]

/** Static: the role's tasks take the place of the import, and all of the play sees its variables. */
export function importRole(at: Located<Mapping>, around: Context): Entry[] {
  const fields = new Fields(at, around.diagnostics)
  const key = keyOf(at.value, 'import_role')!
  checkKeywords(fields, [...IMPORT_KEYWORDS, key], 'import_role', around)
  const context = { ...around, moduleDefaults: readModuleDefaults(fields, around), ...conditionOn(fields) }
  const args = argumentsOf(fields, key, ARGUMENTS)
  const asked = args && staticAsked(args, context)
  const read = asked && readRole(asked, context)
  if (!read) return []
  if (args.boolean('public') !== false) context.parts.roles.push(read.use)
  const { entries, handlers } = withKeywords(read, readInheritable(fields))
  context.parts.handlers.push(...handlers)
  return entries
}

/** Dynamic: read when it is reached; one whose name holds no {{ }} is read now as well, for what preflight can tell. */
export function includeRole(at: Located<Mapping>, around: Context): IncludeTasks | undefined {
  const { fields, key, context, brings, shared } = readInclude(at, 'include_role', around)
  const args = argumentsOf(fields, key, [...ARGUMENTS, 'apply'])
  const name = args && nameOf(args)
  if (!args || !name) return undefined
  const title = fields.text('name')
  const from = Object.fromEntries(PARTS.flatMap((part) => partOf(args, part) ?? []))
  const include: IncludeTasks = {
    ...shared(),
    lookIn: [],
    path: '',
    name: title ?? 'include_role',
    named: title !== undefined,
    asked: {
      name: name.text,
      from: textsOf(from),
      public: args.boolean('public') ?? false,
      unchecked: saidBy(args).unchecked,
    },
    ...(args.has('apply') ? { apply: readApply(args) } : {}),
  }
  if ([name.text, ...Object.values(from).map(({ text }) => text)].some(isTemplate)) return include
  const read = readRole({ ...askedFor(name.text, name.pos, from), ...saidBy(args) }, context)
  if (!read) return undefined
  // Its handlers are known to the whole play, as those of the roles that are imported.
  context.parts.handlers.push(...handlersOf(read.handlers, include))
  return { ...include, entries: read.entries, use: read.use, brings }
}

/** Handlers of a role that is included have the variables of the include, and what it applies. */
export const handlersOf = (handlers: readonly Handler[], { vars, varsAt, apply }: IncludeTasks): Handler[] =>
  handlers.map((handler) => {
    const seen = inherited(handler, { tags: [], when: [], vars, varsAt })
    return apply ? inherited(seen, apply) : seen
  })

/** `name: …` and what else stands under the key, or `name=… tasks_from=…` behind it. */
function argumentsOf(fields: Fields, key: string, known: readonly string[]): Fields | undefined {
  const { diagnostics } = fields
  const at = readArgs(within(fields.at, key), { name: key }, fields.keyPos(key), diagnostics)
  const args = new Fields(at, diagnostics)
  checkKeywords(args, known, key)
  return args
}

function nameOf(args: Fields): { text: string; pos: Asked['pos'] } | undefined {
  const key = args.has('name') ? 'name' : 'role'
  const text = args.has(key) ? args.text(key) : args.wrong(key, 'the name of a role')
  return text === undefined ? undefined : { text, pos: args.pos(key) }
}

const partOf = (args: Fields, part: (typeof PARTS)[number]) => {
  const text = args.text(`${part}_from`)
  return text === undefined ? undefined : [[part, { text, pos: args.pos(`${part}_from`) }] as const]
}

const textsOf = (from: Asked['from']): Record<string, string> =>
  Object.fromEntries(Object.entries(from).map(([part, { text }]) => [part, text]))

function staticAsked(args: Fields, context: Context): Asked | undefined {
  const name = nameOf(args)
  const known = name && renderStatic(name.text, name.pos, 'import_role', context)
  if (known === undefined) return undefined
  const from = PARTS.flatMap((part) => {
    const [[, named] = []] = partOf(args, part) ?? []
    const text = named && renderStatic(named.text, named.pos, 'import_role', context)
    return text === undefined ? [] : [[part, { ...named!, text }] as const]
  })
  return { ...askedFor(known, name!.pos, Object.fromEntries(from)), ...saidBy(args) }
}

const saidBy = (args: Fields): Pick<Asked, 'unchecked' | 'once'> => ({
  unchecked: args.boolean('rolespec_validate') === false,
  once: args.boolean('allow_duplicates') === false,
})

/** By a task, which runs it each time. */
export const askedFor = (name: string, pos: Asked['pos'], from: Asked['from']): Asked => ({
  ...{ name, pos, from, vars: [], params: [], once: false },
  key: JSON.stringify([name, from]),
})
