import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Pos } from '../../errors.ts'
import type { Entry, IncludeTasks, Inheritable, Located, RoleUse } from '../types.ts'
import { isMapping, readYaml, within } from '../yaml.ts'
import { checkKeywords } from './check-keywords.ts'
import { type Context, inFile, type Mapping } from './context.ts'
import { describe } from './describe.ts'
import { readEntries } from './entries.ts'
import { Fields, isTemplate } from './fields.ts'
import { conditionOn, inherited, readInheritable } from './inherit.ts'
import { IMPORT_KEYWORDS, INCLUDE_KEYWORDS, keyOf } from './keywords.ts'
import { readLoop, readLoopControl } from './loop.ts'
import { readModuleDefaults } from './module-defaults.ts'
import { mayRead } from './nesting.ts'
import { renderStatic } from './static.ts'

export const isImport = (value: Mapping): boolean => keyOf(value, 'import_tasks') !== undefined
export const isInclude = (value: Mapping): boolean => keyOf(value, 'include_tasks') !== undefined

/** Static: the file's tasks take the place of the import, with what stands on it. */
export function importTasks(at: Located<Mapping>, around: Context): Entry[] {
  const fields = new Fields(at, around.diagnostics)
  const key = keyOf(at.value, 'import_tasks')!
  checkKeywords(fields, [...IMPORT_KEYWORDS, key], 'import_tasks', around)
  const context = { ...around, moduleDefaults: readModuleDefaults(fields, around), ...conditionOn(fields) }
  const from = readInheritable(fields)
  const path = pathOf(fields, key)
  if (!path) return []
  const name = renderStatic(path.text, path.pos, 'import_tasks', context)
  if (name === undefined) return []
  const entries = readTaskFile(taskFile(name, context.dir, elsewhere(context)), path.pos, context)
  return entries.map((entry) => inherited(entry, from))
}

/** Dynamic: read when reached; a path without {{ }} is read now as well, for what preflight can tell. */
export function includeTasks(at: Located<Mapping>, around: Context): IncludeTasks | undefined {
  const { fields, key, context, brings, shared } = readInclude(at, 'include_tasks', around)
  const rest = shared()
  const path = pathOf(fields, key)
  if (!path) return undefined
  const name = fields.text('name')
  const include = {
    ...rest,
    lookIn: elsewhere(context),
    ...applyOf(fields, key),
    ...{ name: name ?? 'include_tasks', named: name !== undefined, path: path.text },
  }
  if (isTemplate(path.text)) return include
  const file = taskFile(path.text, context.dir, elsewhere(context))
  // A file may include itself under a condition; it ends at run time.
  if (context.chain.includes(file)) return include
  return { ...include, entries: readTaskFile(file, path.pos, context), brings }
}

/**
 * What include_tasks and include_role have in common.
 * @returns `brings`: the roles that are found in it; `shared`: reads what stands on every include
 */
export function readInclude(at: Located<Mapping>, name: 'include_tasks' | 'include_role', around: Context) {
  const fields = new Fields(at, around.diagnostics)
  const key = keyOf(at.value, name)!
  checkKeywords(fields, includeKeywords(key, around), name, around)
  const brings: RoleUse[] = []
  const context = {
    ...around,
    moduleDefaults: readModuleDefaults(fields, around),
    conditional: true,
    parts: { ...around.parts, roles: brings },
  }
  const shared = () => ({
    kind: 'include' as const,
    pos: at.locate(),
    file: context.file,
    dir: context.dir,
    ...readInheritable(fields),
    loop: readLoop(fields),
    loopControl: readLoopControl(fields),
    ...listenOf(fields, around),
    moduleDefaults: context.moduleDefaults,
    collections: around.collections,
  })
  return { fields, key, context, brings, shared }
}

/** A handler listens, too. */
const includeKeywords = (key: string, { handlers }: Context): string[] => [
  ...INCLUDE_KEYWORDS,
  ...(handlers ? ['listen'] : []),
  key,
]

const listenOf = (fields: Fields, { handlers }: Context): Pick<IncludeTasks, 'listen'> =>
  handlers ? { listen: fields.texts('listen').map(({ text }) => text) } : {}

/** Where a file of tasks is looked for that is not beside the one that names it (Ansible, Search paths). */
const elsewhere = ({ role, playDir }: Context): string[] => [
  ...(role ? [join(role.path, 'tasks'), role.path] : []),
  playDir,
]

/** The first that is there, else the one beside. */
export const taskFile = (name: string, dir: string, lookIn: readonly string[]): string =>
  [dir, ...lookIn].map((folder) => resolve(folder, name)).find((path) => existsSync(path)) ??
  resolve(dir, name)

export function readTaskFile(file: string, pos: Pos | undefined, context: Context): Entry[] {
  const hint = 'remove the import, or use include_tasks with a condition that ends it'
  if (!mayRead(file, pos, context, hint)) return []
  const below = inFile(file, context)
  const stat = statSync(below.file, { throwIfNoEntry: false })
  // Reading a pipe waits, and hears no signal.
  if (stat && !stat.isFile() && !stat.isDirectory()) {
    context.diagnostics.add('file', `${below.file} is no file`, { pos })
    return []
  }
  const entries = context.diagnostics.collect(() =>
    readEntries(readYaml(below.file, pos), below, 'a file of tasks'),
  )
  return entries ?? []
}

/** Keywords for each of the included tasks, beside the file. */
function applyOf(fields: Fields, key: string): { apply?: Inheritable } {
  const at = [within(fields.at, key), within(fields.at, 'args')].find(
    ({ value }) => isMapping(value) && Object.hasOwn(value, 'apply'),
  )
  return at ? { apply: readApply(new Fields(at as Located<Mapping>, fields.diagnostics)) } : {}
}

/** `apply` of an include. */
export function readApply(args: Fields): Inheritable {
  const at = args.mapping('apply', 'write keywords of tasks under it')
  const nowhere = { value: {}, locate: () => args.pos('apply'), locateKey: () => args.pos('apply') }
  const inner = new Fields(at ?? nowhere, args.diagnostics)
  checkKeywords(inner, IMPORT_KEYWORDS, 'apply')
  return readInheritable(inner)
}

/** `import_tasks: x.yaml` or `import_tasks: { file: x.yaml }`; `file=x.yaml`, and `file` under `args`, too. */
function pathOf(fields: Fields, key: string): { text: string; pos: Pos } | undefined {
  const given = fields.raw(key)
  const inner = [within(fields.at, key, 'file'), within(fields.at, 'args', 'file')].find(
    (one) => one.value !== undefined,
  )
  const [, words] = (typeof given === 'string' && /^file=(\S+)$/.exec(given)) || []
  const value = inner?.value ?? words ?? given
  const pos = inner?.locate() ?? fields.pos(key)
  if (typeof value === 'string' && value !== '') return { text: value, pos }
  fields.diagnostics.add(
    'playbook',
    `${key} wants the path of a file of tasks, but found ${describe(value)}`,
    { pos },
  )
  return undefined
}
