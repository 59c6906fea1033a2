import { randomUUID } from 'node:crypto'
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { jsonText } from '../../contract/exact-json.ts'
import type { Options } from '../cli.ts'
import { PlayError } from '../errors.ts'
import type { Play, Vars } from '../load/types.ts'
import { writtenAction } from './actions.ts'
import type { PlanCollector } from './collector.ts'
import type { Digester } from './digest.ts'
import { keptOptions } from './kept-options.ts'
import { writtenVariables } from './variables.ts'
import { waysOf } from './ways.ts'

/** Raised when a plan of before could no longer be read as it was meant. 2: what decides where, as whom and what is done. */
const SCHEMA = 2

const change = z.object({
  path: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  text: z.boolean().optional(),
  sensitive: z.boolean().optional(),
  destructive: z.boolean().optional(),
  reason: z.string().optional(),
})

const plannedTask = z.object({
  play: z.string(),
  task: z.string(),
  host: z.string(),
  item: z.string().nullable(),
  module: z.string(),
  status: z.enum(['changed', 'unknown', 'failed', 'unreachable']),
  changes: z.array(change),
  message: z.string().optional(),
})
export type PlannedTask = z.infer<typeof plannedTask>

/** Digests: see digest.ts. */
const digests = z.record(z.string(), z.string())

const plannedAction = z.object({
  play: z.string(),
  task: z.string(),
  host: z.string(),
  item: z.string().nullable(),
  module: z.string(),
  /** The machine that it is done on. */
  at: z.string(),
  /** Whom play logs in as there. */
  login: z.string(),
  /** Whom it is done as. */
  user: z.string(),
  become_method: z.string().optional(),
  arguments: digests,
  environment: digests,
  /** Why the environment is not known before the run. */
  unknown_environment: z.string().optional(),
  keywords: digests,
  effect: z.string(),
})
export type PlannedAction = z.infer<typeof plannedAction>

const plannedPlay = z.object({
  play: z.string(),
  hosts: z.array(z.string()),
  batch: z.tuple([z.number(), z.number()]).optional(),
})
export type PlannedPlay = z.infer<typeof plannedPlay>

const planFile = z.object({
  schema: z.literal(SCHEMA),
  playbooks: z.array(z.string()),
  inventory: z.array(z.string()),
  runs_programs: z.boolean(),
  limit: z.string().optional(),
  start_at_task: z.string().optional(),
  language: z.string().optional(),
  settings: z.record(z.string(), z.unknown()),
  /** Digests of their values, which may be secrets, and are given again to apply. */
  extra_vars: digests,
  /** Of the digests. */
  key: z.string(),
  destructive: z.number(),
  changes: z.number(),
  /** How plays go through their hosts, by keyword. */
  ways: z.array(z.record(z.string(), z.unknown())),
  plays: z.array(plannedPlay),
  tasks: z.array(plannedTask),
  /** All that is to be done, in order; also what counts as no change. */
  actions: z.array(plannedAction),
})
export type PlanFile = z.infer<typeof planFile>

/** Writes what a check found, readable by its owner alone. Values that are secret were masked before they came here, or are digests. */
export async function writePlan(
  path: string,
  { tasks, plays, actions, digester }: PlanCollector & { digester: Digester },
  options: Options,
  { extraVars, plays: ofInput }: { extraVars: Vars; plays: readonly Play[] },
): Promise<void> {
  const changes = tasks.flatMap((task) => task.changes)
  const plan: PlanFile = {
    schema: SCHEMA,
    ...keptOptions(options),
    extra_vars: await writtenVariables(extraVars, digester),
    key: digester.key,
    destructive: changes.filter((one) => one.destructive).length,
    changes: changes.length,
    ways: waysOf(ofInput),
    plays,
    tasks,
    actions: await Promise.all(actions.map((action) => writtenAction(action, digester))),
  }
  try {
    await writeAnew(path, `${jsonText(plan, 2)}\n`)
  } catch (cause) {
    if (cause instanceof PlayError) throw cause
    throw new PlayError('file', `cannot write the plan ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** A new file takes the place of an old one: nothing is written through a link, and no mode that is there stays. */
async function writeAnew(path: string, text: string): Promise<void> {
  const there = await lstat(path).catch(() => null)
  if (there && !there.isFile())
    throw new PlayError(
      'file',
      `cannot write the plan ${path}: it is ${there.isSymbolicLink() ? 'a link' : 'no file'}`,
      { hint: 'Name another file, or take it away.' },
    )
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  try {
    await writeFile(beside, text, { flag: 'wx', mode: 0o600 })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** @throws {PlayError} where it is no plan, or one of another schema */
export async function readPlan(path: string): Promise<PlanFile> {
  let data: unknown
  try {
    data = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new PlayError('file', `cannot read the plan ${path}: ${(cause as Error).message}`, {
      hint: 'Write one with: play PLAYBOOK -i INVENTORY --check --out plan.json',
      cause,
    })
  }
  const parsed = planFile.safeParse(data)
  if (parsed.success) return parsed.data
  const { schema } = (data ?? {}) as { schema?: unknown }
  const other = schema !== undefined && schema !== SCHEMA
  throw new PlayError(
    'file',
    other
      ? `${path} is a plan of schema ${schema}, made by ${Number(schema) < SCHEMA ? 'an older' : 'another'} play; this one reads schema ${SCHEMA}`
      : `${path} is no plan`,
    {
      hint: 'Make it anew with --check --out.',
      details: other
        ? []
        : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5),
    },
  )
}
