import { Refusal } from '../../contract/errors.ts'
import type { Plan, StepOutput } from '../../contract/plan.ts'
import { Unknown, UnknownError, unknownBut } from '../../contract/unknown.ts'
import { pathsOf } from '../../contract/world.ts'
import type { Connection } from '../hosts/types.ts'
import { compileCondition } from '../load/condition.ts'
import { settled } from '../load/outside.ts'
import { extendScope, type Scope } from '../load/scope.ts'
import type { Expression, Task, Vars } from '../load/types.ts'
import { pause } from '../timers.ts'
import type { ReadAhead } from './ahead.ts'
import { applySteps, notesOf } from './apply.ts'
import { applyContextOf, environmentFor } from './apply-context.ts'
import { parseArguments } from './arguments.ts'
import type { AtWork } from './at-work.ts'
import { applyInBackground, type Background, type Started } from './background.ts'
import { doBefore } from './before.ts'
import { breathe } from './breathe.ts'
import { isCheck, isOfHost, isTooEarly, recordPlan, tooEarly } from './check.ts'
import { deadlineOf, inTime, isOver } from './deadline.ts'
import { keywordsOf } from './doing.ts'
import { refuseLinks } from './files/refuse-links.ts'
import type { TaskIdentity } from './fleet.ts'
import { becomeUser, type InspectContext, type Inspected, inspectTask, readsNothing } from './inspect.ts'
import { numberOf, timeoutOf } from './keyword-value.ts'
import { mayChange } from './lock-wishes.ts'
import { failedOutcome, type Outcome, orUnknown, skippedOutcome, unwanted } from './outcome.ts'
import { refuseWords } from './refuse-words.ts'
import { StepError } from './step-error.ts'
import type { Where } from './where.ts'

export interface ItemContext extends InspectContext {
  /** As it is reported. */
  identity: TaskIdentity
  /** Where the named target is, and how it is reached, as it is to be asked once the conditions hold. */
  where: () => Where
  /** Which item of its loop, from 0. */
  item: number
  ahead: ReadAhead
  /** Its command has been sent: one behind it may be. */
  onSent?: () => void
  /** Set by the first Ctrl-C. */
  interrupted: () => boolean
  /** Seconds that it may take, and that a program may take that its templates ask. */
  timeout?: number
  emitProgress: (line: string) => void
  /** The target is looked at. @param waitsFor what it is asked, in words */
  beginLook: (waitsFor: () => string | undefined) => AtWork
  /** A step begins on the target. */
  beginStep: (what: string) => AtWork
  emitRetry: (attempt: number, left: number, message?: string) => void
}

/** Runs one task, or one item of its loop, on one host. Never throws: what goes wrong is the outcome. */
export async function attemptItem(context: ItemContext, scope: Scope): Promise<Outcome> {
  const outcome = await attempt(context, scope)
  await breathe()
  return outcome
}

async function attempt(asked: ItemContext, scope: Scope): Promise<Outcome> {
  const { task } = asked
  let context = asked
  try {
    for (const condition of context.inherited.when)
      if (!(await settled(() => compileCondition(condition).test(scope), context))) return unwanted(condition)
    if (context.inherited.unsure !== undefined) throw new UnknownError(context.inherited.unsure)
    const timeout = await settled(() => timeoutOf(task.timeout, scope), context)
    context = { ...context, timeout, ...(await settled(context.where, context)) }
    return await withRetries(context, scope)
  } catch (thrown) {
    const error = orUnknown(thrown, context.target.world)
    if (error instanceof UnknownError) return unknownOutcome(context, error.message)
    return failedOutcome(error)
  }
}

async function withRetries(context: ItemContext, scope: Scope): Promise<Outcome> {
  const { task } = context
  const check = await isCheck(context, scope)
  const retries = () => numberOf('retries', task.retries, scope, { whole: true })
  const tries = task.until && !check ? (await settled(retries, context)) + 1 : 1
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(context, scope, attempt)
    if (task.until) outcome.result = { ...outcome.result, attempts: attempt }
    const after = withResult(scope, task, outcome.result)
    const isOut = outcome.status === 'unreachable' || outcome.status === 'unknown'
    if (!task.until || isOut || outcome.result.timedout !== undefined) return outcome
    const { until } = task
    const holds = () => until.every((one) => compileCondition(one).test(after))
    // A failure may be what it waits for; one without the fields that it asks for is not.
    const done =
      outcome.status === 'failed'
        ? await settled(holds, context).catch(() => false)
        : await settled(holds, context)
    if (done || check) return { ...outcome, attempts: attempt }
    if (attempt >= tries || context.interrupted()) return givenUp(task.until, outcome, attempt)
    context.emitRetry(attempt, tries - attempt, outcome.message)
    const delay = await settled(() => numberOf('delay', task.delay, scope), context)
    await pause(delay, context.interrupted)
    if (context.interrupted()) return givenUp(task.until, outcome, attempt)
    // What it waits for comes from elsewhere.
    context.fleet.forgetFacts()
  }
}

function givenUp(until: readonly Expression[], outcome: Outcome, attempts: number): Outcome {
  if (outcome.status === 'failed') return { ...outcome, attempts }
  const message = `still not so after ${attempts} attempts: ${until.map(({ text }) => text).join(' and ')}`
  return {
    ...failedOutcome(new Refusal(message)),
    result: { ...outcome.result, failed: true },
    attempts,
  }
}

const attemptOnce = async (context: ItemContext, scope: Scope, attempt: number): Promise<Outcome> =>
  (await settled(() => isShared(context), context))
    ? context.fleet.machines.inTurn(context.target, () => attemptAlone(context, scope))
    : attemptAlone(context, scope, attempt === 1)

/** Others may read and change on the same machine what this task does: by delegation, or under another name. */
const isShared = ({ fleet, target, task, module, inherited }: ItemContext): boolean =>
  !readsNothing(task, module) &&
  mayChange(task, module, inherited) &&
  (inherited.delegateTo !== undefined || fleet.machines.hasOtherNames(target))

/** @param mayBeAhead it may have been inspected before its turn */
async function attemptAlone(context: ItemContext, scope: Scope, mayBeAhead = false): Promise<Outcome> {
  const { fleet, task, module, target } = context
  const check = await isCheck(context, scope)
  const deadline = deadlineOf(context.timeout)
  let plan: Plan | undefined
  try {
    if (module.claims)
      fleet.claim(
        target,
        module.claims(
          await settled(() => parseArguments(task, module, scope, fleet.options.masker), context),
        ),
      )
    if (!check) await lockTarget(context, scope)
    if (module.before) await doBefore(context, scope, check, deadline)
    const { params, state, connection, reader, as } = await look(context, scope, deadline, mayBeAhead)
    const from = module.shownFrom?.(params) ?? 0
    if (from > (fleet.options.verbosity ?? 0)) return skippedOutcome(`shown with -${'v'.repeat(from)}`)
    plan = module.plan(state, params)
    let outputs: StepOutput[] | null = null
    let started: Started | undefined
    if (plan.steps.length > 0) {
      const environment = await environmentFor(context, scope, check)
      const { guard } = fleet.options
      if (guard)
        await guard(context.identity, plan, {
          module: module.name,
          params,
          spec: connection.spec,
          user: as ?? connection.loginUser,
          environment,
          keywords: await settled(() => keywordsOf(task, context.inherited, scope), context),
          check,
        })
      refuseWords(plan.steps)
      await refuseLinks(plan.steps, reader)
      if (check) {
        await reader.knowPlaces(pathsOf(plan))
        recordPlan(context, plan)
      } else
        try {
          if (environment instanceof UnknownError) throw environment
          const found = (path: string) => reader.found(path)
          const { onSent } = context
          const given = applyContextOf(context, { connection, as, environment, found, onSent }, deadline)
          const background = await settled(() => backgroundOf(context, scope, connection), context)
          if (background) ({ outputs, started } = await applyInBackground(plan.steps, given, background))
          else outputs = await applySteps(plan.steps, given)
        } finally {
          fleet.forgetFacts()
        }
    }
    const fields = started ? { ...started } : (module.result?.({ state, params, plan, outputs }) ?? {})
    const notes = [...(plan.notes ?? []), ...notesOf(outputs ?? [])]
    const planned = { ...plan, notes }
    const outcome = await settled(() => judge(context, scope, planned, fields, check), context)
    const isDone = outcome.status === 'ok' || outcome.status === 'changed'
    return isDone && module.additions
      ? { ...outcome, additions: module.additions(params, context.host.name) }
      : outcome
  } catch (thrown) {
    const error = orUnknown(thrown, target.world)
    if (error instanceof UnknownError) return unknownOutcome(context, error.message)
    if (isOfHost(error) && isTooEarly(context, check)) return unknownOutcome(context, tooEarly(error.message))
    if (error instanceof Refusal && check && target.world.uncertain)
      return unknownOutcome(context, `${target.world.uncertain} (${error.message})`)
    // Steps before the failing one were done: what was planned may be half there.
    const outputs = (error instanceof StepError && error.fields.outputs) || []
    const outcome = failedOutcome(error, outputs.length > 0 ? (plan?.changes ?? []) : [])
    if (outcome.status === 'failed' && isOver(deadline)) outcome.result.timedout = { period: context.timeout }
    const notes = notesOf(outputs)
    const failed = notes.length > 0 ? { ...outcome, notes } : outcome
    return settled(() => overrideFailure(context, scope, failed), context)
  }
}

/** What was found before its turn, or is found now; what lasts is told. */
async function look(
  context: ItemContext,
  scope: Scope,
  deadline: number | undefined,
  mayBeAhead: boolean,
): Promise<Inspected> {
  const { timeout: seconds, interrupted, target } = context
  const waitsFor = () => target.connection?.waitsFor()
  const work = context.beginLook(waitsFor)
  try {
    const limits = { deadline, seconds, interrupted, waitsFor }
    const read =
      mayBeAhead && context.ahead.has(context, context.item)
        ? await inTime(() => context.ahead.take(context, context.item, scope), limits)
        : undefined
    return read ?? (await inspectTask(context, scope, 'now', deadline))
  } finally {
    work.end()
  }
}

/** `async`: what it changes is done by a job of the host. */
function backgroundOf(context: ItemContext, scope: Scope, connection: Connection): Background | undefined {
  const { task, fleet, target, reach, interrupted } = context
  const limit = numberOf('async', task.async, scope)
  if (limit === undefined || limit === 0) return undefined
  return {
    limit,
    // Ansible's DEFAULT_POLL_INTERVAL.
    poll: numberOf('poll', task.poll, scope) ?? 15,
    async reconnect() {
      if (connection.spec.kind !== 'local') await fleet.options.renew?.(target.name, reach)
      return fleet.options.connect(target.name, reach)
    },
    interrupted,
  }
}

/** A host that no play named, or another machine in its place. What was read there before is read again. */
async function lockTarget(context: ItemContext, scope: Scope): Promise<void> {
  const { fleet, task, module, inherited, target, reach, becoming } = context
  const { locks, connect } = fleet.options
  if (!locks || !mayChange(task, module, inherited)) return
  const mayBeOurs = target.elsewhere !== undefined || !fleet.inventory.hosts.has(target.name)
  if (mayBeOurs && (await connect(target.name, reach)).spec.kind === 'local') return
  const as = await settled(() => becomeUser(inherited, scope, task.pos, becoming), context)
  if (await locks.take(target.name, as, reach)) fleet.forgetFacts()
}

/** changed_when and failed_when have the last word over what the module says. */
function judge(
  context: ItemContext,
  scope: Scope,
  plan: Plan,
  fields: Record<string, unknown>,
  check: boolean,
): Outcome {
  const { task } = context
  const changed = plan.changes.length > 0
  const result: Vars = { changed, failed: fields.failed === true, ...fields }
  const after = withResult(scope, task, result)
  const failed = task.failedWhen === undefined ? fields.failed === true : decideFailed(task.failedWhen, after)
  if (failed && isTooEarly(context, check)) throw new UnknownError(tooEarly(fields.msg))
  const saysChanged = task.changedWhen === undefined ? changed : decide(task.changedWhen, after)
  result.changed = saysChanged
  result.failed = failed
  if (task.failedWhen !== undefined) result.failed_when_result = failed
  const notes = plan.notes
  if (failed) {
    const message = typeof fields.msg === 'string' ? fields.msg : failedMessage(task)
    const outcome = failedOutcome(new Refusal(message), saysChanged ? plan.changes : [])
    const command = commandOf(fields)
    return { ...outcome, result: { ...result, failed: true, msg: message }, command, notes }
  }
  return {
    status: saysChanged ? 'changed' : 'ok',
    changes: saysChanged ? plan.changes : [],
    result,
    notes,
    warnings: plan.warnings,
    message: messageOf(fields),
  }
}

const messageOf = (fields: Record<string, unknown>): string | undefined =>
  typeof fields.msg === 'string' ? fields.msg : undefined

const failedMessage = (task: Task): string =>
  Array.isArray(task.failedWhen)
    ? `failed_when: ${task.failedWhen.map((e) => e.text).join(' and ')}`
    : 'the task failed'

function commandOf(fields: Record<string, unknown>): Outcome['command'] {
  const { rc, stdout, stderr, cmd } = fields
  if (typeof rc !== 'number') return undefined
  const argv = Array.isArray(cmd) ? cmd.join(' ') : String(cmd ?? '')
  return { argv, code: rc, stdout: String(stdout ?? ''), stderr: String(stderr ?? '') }
}

/** A task that failed by an error may still be declared well by failed_when. */
function overrideFailure(context: ItemContext, scope: Scope, outcome: Outcome): Outcome {
  const { failedWhen } = context.task
  if (failedWhen === undefined || outcome.status !== 'failed' || outcome.error?.code === 'internal')
    return outcome
  // Cut off half-way: whatever it says, it is not done.
  if (outcome.result.timedout !== undefined) return outcome
  if (outcome.error?.code !== 'task' && outcome.error?.code !== 'sql') return outcome
  if (decideFailed(failedWhen, withResult(scope, context.task, outcome.result)))
    return { ...outcome, result: { ...outcome.result, failed_when_result: true } }
  const status = outcome.changes.length > 0 ? 'changed' : 'ok'
  return {
    ...outcome,
    status,
    error: undefined,
    command: undefined,
    result: { ...outcome.result, failed: false, failed_when_result: false },
  }
}

/** Several conditions are all required, as in Ansible. */
const decide = (conditions: boolean | Expression[], scope: Scope): boolean =>
  typeof conditions === 'boolean'
    ? conditions
    : conditions.every((condition) => compileCondition(condition).test(scope))

/** What a command has not yet said cannot fail a check: that is left to the run. */
function decideFailed(conditions: boolean | Expression[], scope: Scope): boolean {
  try {
    return decide(conditions, scope)
  } catch (error) {
    if (error instanceof UnknownError) return false
    throw error
  }
}

const withResult = (scope: Scope, task: Task, result: Vars): Scope =>
  task.register === undefined ? scope : extendScope(scope, { [task.register]: result }, true)

function unknownOutcome({ task, module, inherited, target }: ItemContext, why: string): Outcome {
  // What only reads brings nothing that a later task may miss.
  if (mayChange(task, module, inherited))
    target.world.uncertain ??= `an earlier task is unknown: ${task.name}`
  if (module.bringsVariables) target.world.anyVariable ??= `an earlier task is unknown: ${task.name}`
  const value = new Unknown(why)
  const known = { changed: value, failed: false, skipped: value, unknown: true }
  const named = module.setsVariables ? Object.keys(task.args.value) : []
  const facts = { ansible_facts: Object.fromEntries(named.map((name) => [name, value])) }
  return {
    status: 'unknown',
    changes: [],
    result: unknownBut(named.length > 0 ? { ...known, ...facts } : known, why),
    message: why,
  }
}
