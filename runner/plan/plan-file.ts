import { randomUUID } from 'node:crypto'
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import type { Options } from '../cli.ts'
import { PlayError } from '../errors.ts'
import type { PlanCollector } from './collector.ts'

/** Raised when a plan of before could no longer be read as it was meant. */
const SCHEMA = 1

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

const planFile = z.object({
  schema: z.literal(SCHEMA),
  playbooks: z.array(z.string()),
  inventory: z.array(z.string()),
  limit: z.string().optional(),
  tags: z.array(z.string()),
  skip_tags: z.array(z.string()),
  start_at_task: z.string().optional(),
  become: z.boolean(),
  become_user: z.string().optional(),
  /** Names alone: their values may be secrets, and are given again to apply. */
  extra_vars: z.array(z.string()),
  destructive: z.number(),
  changes: z.number(),
  tasks: z.array(plannedTask),
})
export type PlanFile = z.infer<typeof planFile>

/** Writes what a check found, readable by its owner alone. Values that are secret were masked before they came here. */
export async function writePlan(
  path: string,
  { tasks }: Pick<PlanCollector, 'tasks'>,
  options: Options,
  { extraVars }: { extraVars: Record<string, unknown> },
): Promise<void> {
  const changes = tasks.flatMap((task) => task.changes)
  const plan: PlanFile = {
    schema: SCHEMA,
    playbooks: options.playbooks,
    inventory: options.inventory,
    limit: options.limit,
    tags: options.tags,
    skip_tags: options.skipTags,
    start_at_task: options.startAtTask,
    become: options.become,
    become_user: options.becomeUser,
    extra_vars: Object.keys(extraVars).sort(),
    destructive: changes.filter((one) => one.destructive).length,
    changes: changes.length,
    tasks,
  }
  try {
    await writeAnew(path, `${JSON.stringify(plan, null, 2)}\n`)
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
    other ? `${path} is a plan of schema ${schema}; this play reads ${SCHEMA}` : `${path} is no plan`,
    {
      hint: 'Make it anew with --check --out.',
      details: other
        ? []
        : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5),
    },
  )
}
