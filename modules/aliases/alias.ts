import * as z from 'zod'
import type { HostReader } from '../../contract/host.ts'
import { defineModule, type Module } from '../../contract/module.ts'

interface Aliased<Params> {
  /** Ansible's name of it, with Ansible's arguments. */
  name: string
  summary: string
  /** The module that does it. */
  of: Module
  params: z.ZodType<Params>
  /** Its arguments in the words of that module. */
  to: (params: Params) => Record<string, unknown>
  /** What only the host can tell: which of its clusters is meant. */
  found?: (host: HostReader, params: Params) => Promise<Record<string, unknown>>
  /** Arguments that stand for what `found` gives, while arguments are checked before the first connection. */
  instead?: Record<string, unknown>
  freeForm?: string
  pairs?: readonly string[]
  group?: string
}

export interface AliasState {
  given: unknown
  state: unknown
}

/**
 * A module of Ansible's whose work another module does. Its schema is the source of its errors and its reference; what the
 * other one objects to is told at the argument of the same name, or at the task.
 */
export function defineAlias<Params>(alias: Aliased<Params>): Module<Params, AliasState> {
  const { name, summary, of, to, found, instead = {}, freeForm, pairs, group } = alias
  const params = alias.params.superRefine((value, context) => {
    const parsed = of.params.safeParse({ ...to(value), ...instead })
    for (const issue of parsed.error?.issues ?? []) {
      const at = issue.path.filter((part) => Object.hasOwn(value as object, part))
      context.addIssue({ code: 'custom', message: issue.message, path: at, input: value })
    }
  })
  const changesNothing = of.changesNothing
  return defineModule<Params, AliasState>({
    ...{ name, summary, params },
    ...(freeForm === undefined ? {} : { freeForm }),
    ...(pairs === undefined ? {} : { pairs }),
    ...(group === undefined ? {} : { group }),
    ...(changesNothing && of.readsNothing ? { changesNothing } : {}),
    async inspect(host, value) {
      const given = of.params.parse({ ...to(value), ...(await found?.(host, value)) })
      return { given, state: await of.inspect(host, given) }
    },
    plan: ({ given, state }) => of.plan(state, given),
    result: ({ state: { given, state }, plan, outputs }) =>
      of.result?.({ state, params: given, plan, outputs }) ?? {},
  })
}

/** An argument of Ansible's that has no counterpart: given at all, it is an error that says what is meant. */
export const refused = (why: string): z.ZodOptional<z.ZodType> =>
  z
    .unknown()
    .refine((value) => value === undefined, {
      error: ({ input }) => `expected nothing, but found ${kindOf(input)}: ${why}`,
    })
    .optional()
    .meta({
      description: `Not taken: ${why}.`,
      takes: 'nothing',
      unset: 'as it must be',
    })

/** One that changes nothing here. */
export const ignored = (why: string): z.ZodOptional<z.ZodType> =>
  z
    .unknown()
    .optional()
    .meta({
      description: `Taken, and of no effect: ${why}.`,
      takes: 'anything',
      unset: 'the same',
    })

/** Without what was not given, so that the other module's defaults count. */
export const given = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'a mapping' : String(value)
