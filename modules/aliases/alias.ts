import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule, type Module } from '../../contract/module.ts'
import { only, param } from '../../contract/params.ts'
import { parameters } from '../../contract/parse-params.ts'
import type { Plan } from '../../contract/plan.ts'

type Args = Record<string, unknown>

interface Aliased<Params> {
  /** Ansible's name of it, with Ansible's arguments. */
  name: string
  summary: string
  /** The module that does it; where the arguments decide which, one of these. */
  of: Module | ((params: Params) => Module)
  params: z.ZodType<Params>
  /** Its arguments in the words of that module; several where one task does what takes several of that module. */
  to: (params: Params) => Args | Args[]
  /** What only the host can tell, added to each of `to`: which of its clusters is meant. null: that one is left out. */
  found?: (host: HostReader, params: Params) => Promise<Args | (Args | null)[]>
  /** Arguments that stand for what `found` gives, while arguments are checked before the first connection. */
  instead?: Args
  /** What the other module calls an argument, and its name here, where an error is told. */
  names?: Readonly<Record<string, string>>
  /** Instead of the other module's result; `own` is that. */
  result?: (context: { params: Params; plan: Plan; own: Args; all: Args[] }) => Args
  changesNothing?: true
  freeForm?: string
  pairs?: readonly string[]
  group?: string
}

/** What is done with the other module, each with its arguments. */
export type AliasState = { given: unknown; state: unknown }[]

/**
 * A module of Ansible's whose work another module does. Its schema is the source of its errors and its reference; what the
 * other one objects to is told at the argument of the same name, or at the task.
 */
export function defineAlias<Params>(alias: Aliased<Params>): Module<Params, AliasState> {
  const { name, summary, to, found, instead = {}, names = {}, freeForm, pairs, group } = alias
  const target = (value: Params) => (typeof alias.of === 'function' ? alias.of(value) : alias.of)
  const params = alias.params.superRefine((value, context) => {
    // What is wrong already cannot be put into the other module's words, unless it has none there anyway.
    if (context.issues.some(({ path }) => !isRefused(alias.params, path?.[0]))) return
    const issues = [to(value)].flat().flatMap((args) => {
      const parsed = target(value).params.safeParse({ ...args, ...instead })
      return parsed.error?.issues ?? []
    })
    const told = new Set<string>()
    for (const issue of issues) {
      const path = issue.path.map((part, at) => (at === 0 ? (names[String(part)] ?? part) : part))
      const at = path.slice(0, depthOf(value, path))
      if (told.has(JSON.stringify([at, issue.message]))) continue
      told.add(JSON.stringify([at, issue.message]))
      context.addIssue({ code: 'custom', message: issue.message, path: at, input: value })
    }
  })
  const of = typeof alias.of === 'function' ? undefined : alias.of
  const changesNothing = alias.changesNothing
    ? () => true
    : of?.readsNothing === undefined
      ? undefined
      : of.changesNothing
  return defineModule<Params, AliasState>({
    ...{ name, summary, params },
    ...(freeForm === undefined ? {} : { freeForm }),
    ...(pairs === undefined ? {} : { pairs }),
    ...(group === undefined ? {} : { group }),
    ...(changesNothing ? { changesNothing } : {}),
    async inspect(host, value) {
      const written = [to(value)].flat()
      const more = await found?.(host, value)
      const all = written.flatMap((args, at) => {
        const extra = Array.isArray(more) ? more[at] : more
        return extra === null ? [] : [{ ...args, ...extra }]
      })
      const module = target(value)
      return Promise.all(
        all.map(async (args) => {
          const parsed = module.params.safeParse(args)
          if (!parsed.success) throw new Refusal(parsed.error.issues.map(({ message }) => message).join('; '))
          return { given: parsed.data, state: await module.inspect(host, parsed.data) }
        }),
      )
    },
    plan(states, value) {
      const plans = states.map(({ given, state }) => target(value).plan(state, given))
      if (plans.length === 1) return plans[0]!
      return {
        changes: plans.flatMap(({ changes }) => changes),
        steps: plans.flatMap(({ steps }) => steps),
        predicts: plans.flatMap(({ predicts }) => predicts ?? []),
        notes: plans.flatMap(({ notes }) => notes ?? []),
      }
    },
    result({ state, params: value, plan, outputs }) {
      const all = state.map(
        ({ given, state }) => target(value).result?.({ state, params: given, plan, outputs }) ?? {},
      )
      const own = all[0] ?? {}
      return alias.result?.({ params: value, plan, own, all }) ?? own
    },
  })
}

/** How far a path leads to something: the other module may take more apart than was written. */
function depthOf(value: unknown, path: readonly PropertyKey[]): number {
  let at = value
  for (const [depth, part] of path.entries()) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return depth
    at = (at as Record<PropertyKey, unknown>)[part]
  }
  return path.length
}

/**
 * An argument of Ansible's that has no counterpart: given, it is an error that says what is meant. Empty is not given, as
 * Ansible's modules have it, and roles pass on variables that are empty.
 */
export const refused = (why: string, ...aliases: string[]): z.ZodOptional<z.ZodType> =>
  z
    .unknown()
    .refine(isEmpty, {
      error: ({ input }) => `expected nothing, but found ${kindOf(input)}: ${why}`,
    })
    .optional()
    .meta({
      description: `Not taken: ${why}.`,
      takes: NOTHING,
      unset: 'as it must be',
      ...(aliases.length > 0 ? { aliases } : {}),
    })

/** A switch of Ansible's that has no counterpart: only what it is there where it is not given. */
export const refusedSwitch = (value: boolean, why: string): z.ZodType =>
  param(only(value, why), `Only ${value}: ${why}.`)

const NOTHING = 'nothing'

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const isRefused = (schema: z.ZodType, name: PropertyKey | undefined): boolean =>
  parameters(schema).get(String(name))?.meta?.takes === NOTHING

/** An argument that Ansible's modules take for absent where it is an empty text. */
export const unlessBlank = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional())

/** One that changes nothing here. */
export const ignored = (why: string, ...aliases: string[]): z.ZodOptional<z.ZodType> =>
  z
    .unknown()
    .optional()
    .meta({
      description: `Taken, and of no effect: ${why}.`,
      takes: 'anything',
      unset: 'the same',
      ...(aliases.length > 0 ? { aliases } : {}),
    })

/** Without what was not given, so that the other module's defaults count. */
export const given = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'a mapping' : String(value)
