import { canonicalName, parameters } from '../../../contract/parse-params.ts'
import { didYouMean } from '../nearest.ts'
import type { Located } from '../types.ts'
import { isMapping, within } from '../yaml.ts'
import type { Context, KnownModule, Mapping } from './context.ts'
import { describe } from './describe.ts'
import type { Fields } from './fields.ts'
import { overlay } from './inherit.ts'
import { unqualified } from './keywords.ts'

/** By the module's name, or `group/NAME`. */
export type ModuleDefaults = ReadonlyMap<string, Located<Mapping>>

const GROUP = 'group/'

/**
 * What stands under `module_defaults`, over what stands around it. As in Ansible a module that is named again further in
 * has the inner defaults alone (docs.ansible.com, Module defaults).
 */
export function readModuleDefaults(fields: Fields, context: Context): ModuleDefaults {
  const found = fields.mapping('module_defaults', 'write the module, and its arguments under it')
  if (!found) return context.moduleDefaults
  const all = new Map(context.moduleDefaults)
  for (const [written, value] of Object.entries(found.value)) {
    const name = unqualified(written)
    const known = name.startsWith(GROUP)
      ? [...context.modules.values()].some(({ group }) => group === name.slice(GROUP.length))
      : context.modules.has(name)
    if (!known) unknownName(fields, written, context)
    else if (isMapping(value)) all.set(name, within(found, written))
    else fields.wrong('module_defaults', `a mapping of arguments for ${written}`, undefined, [written])
  }
  return all
}

/** The arguments of a task over its module's defaults, and those over its group's, as far as the module has them. */
export function withDefaults(
  args: Located<Mapping>,
  module: KnownModule,
  defaults: ModuleDefaults,
): Located<Mapping> {
  const own = defaults.get(module.name)
  const group = module.group === undefined ? undefined : defaults.get(GROUP + module.group)
  if (!own && !group) return args
  return under(under(args, own, module), group && only(group, module), module)
}

/** With what stands in another mapping and not in this one. An argument that is given under another of its names is given. */
export function under(
  args: Located<Mapping>,
  lower: Located<Mapping> | undefined,
  { params }: KnownModule,
): Located<Mapping> {
  if (!lower) return args
  const nameOf = (key: string) => (params ? canonicalName(key, params) : key)
  const given = new Set(Object.keys(args.value).map(nameOf))
  const value = Object.fromEntries(Object.entries(lower.value).filter(([key]) => !given.has(nameOf(key))))
  return overlay({ ...lower, value }, args)!
}

/** Of a group's defaults those that the module has a parameter for. */
function only(group: Located<Mapping>, { params }: KnownModule): Located<Mapping> {
  const has = (key: string) => params !== undefined && parameters(params).has(canonicalName(key, params))
  return { ...group, value: Object.fromEntries(Object.entries(group.value).filter(([key]) => has(key))) }
}

function unknownName(fields: Fields, written: string, { modules, diagnostics }: Context): void {
  const groups = new Set([...modules.values()].flatMap(({ group }) => (group ? [GROUP + group] : [])))
  diagnostics.add(
    'module',
    `module_defaults names ${describe(written)}, which is no module and no group of them`,
    {
      pos: fields.at.locateKey(['module_defaults', written]),
      hint: didYouMean(
        written,
        [...modules.keys(), ...groups],
        `the groups are ${[...groups].join(', ') || 'none'}`,
      ),
    },
  )
}
