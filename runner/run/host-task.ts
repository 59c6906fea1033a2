import { Refusal } from '../../contract/errors.ts'
import { jsonText } from '../../contract/exact-json.ts'
import type { Module } from '../../contract/module.ts'
import { Unknown } from '../../contract/unknown.ts'
import { PlayError, type Pos } from '../errors.ts'
import { compileCondition } from '../load/condition.ts'
import { settled } from '../load/outside.ts'
import { extendScope, type Scope } from '../load/scope.ts'
import type { Handler, Task, Vars } from '../load/types.ts'
import { HIDDEN } from '../report/public-result.ts'
import { isSecretName } from '../report/secret-names.ts'
import { pause } from '../timers.ts'
import type { HostState } from './host-state.ts'
import { placesOf } from './included-variables.ts'
import type { Inherited } from './inherit.ts'
import { becomeUser } from './inspect.ts'
import { attemptItem } from './item.ts'
import { flagOf, holds, numberOf, textOf } from './keyword-value.ts'
import { inTurn, itemsOf, labelIn, travelTogether } from './loop.ts'
import {
  combineLoop,
  failedOutcome,
  type Outcome,
  orUnknown,
  placeOf,
  skippedOutcome,
  unwanted,
} from './outcome.ts'
import type { BatchContext } from './play.ts'
import { type Where, whereOf } from './where.ts'

/**
 * Runs a task on one host with its loop, reports each item, registers and notifies.
 * @param alike of `run_once`: the hosts that it stands for, which get the variables that it sets
 */
export async function runOnHost(
  task: Task,
  heading: string,
  name: string,
  inherited: Inherited,
  context: BatchContext,
  kind: 'task' | 'handler',
  alike: readonly string[] = [],
): Promise<Outcome> {
  const { fleet } = context
  const host = fleet.host(name)
  const started = performance.now()
  /** Under whose variables whom the task is delegated to. */
  const targets = new WeakMap<Scope, HostState>()
  let outcome: Outcome
  try {
    const scope = fleet.variables.scope(host, context.playVars, inherited)
    outcome = await runItems(scope)
  } catch (error) {
    const isInterrupted = error instanceof PlayError && error.code === 'interrupted'
    const failed = failedOutcome(orUnknown(error, host.world))
    outcome = isInterrupted ? failed : await withIgnore(failed, undefined)
    reportOutcome(outcome, describe(), name, null, performance.now() - started, context, kind)
  }
  const changed = outcome.status === 'changed' || outcome.result.changed === true
  context.tally.count(name, outcome.status, outcome.ignored, changed)
  if (task.register) host.register({ [task.register]: outcome.result })
  if (outcome.status === 'failed' && !outcome.ignored)
    rememberFailure(outcome, { name: await ownName(), module: task.module }, host)
  const isUnsure = outcome.status === 'unknown' && !changed
  // What failed notifies nobody, ignored or rescued as it may be, as in Ansible: nothing is ready for what was to follow.
  if ((!changed && !isUnsure) || outcome.result.failed === true) return outcome
  const problem = await notify(isUnsure ? `whether it is notified is unknown: ${await ownName()}` : undefined)
  if (problem === undefined || isUnsure) return outcome
  // It has changed something: that nobody does what was to follow is no small thing.
  const failed = failedOutcome(problem)
  reportOutcome(failed, describe(), name, null, performance.now() - started, context, kind)
  context.tally.count(name, failed.status, failed.ignored)
  return failed

  /** Without its role's. */
  function ownName(): Promise<string> {
    return settled(() => fleet.variables.heading(task, name, context.playVars, inherited), context)
  }

  async function runItems(scope: Scope): Promise<Outcome> {
    if (!task.loop)
      return reported(await withIgnore(await runItem(scope, undefined, null, 0), scope), null, scope)
    // A condition that is false without the item spares rendering the loop, as users expect of `when` beside `loop`.
    const items = await settled(() => loopItems(scope), context)
    if (items === null) return reported(unwanted(), null, null)
    const together = travelTogether(task, context.modules.get(task.module)!)
    const { setsVariables } = context.modules.get(task.module)!
    let lane: string | undefined
    const outcomes = await inTurn(items, async (item, index, { before, next, stop }) => {
      const between = index > 0 ? task.loopControl.pause : undefined
      const seconds = await settled(() => numberOf('pause', between, scope), context)
      if (seconds) await pause(seconds, context.interrupted)
      if (context.interrupted())
        throw new PlayError('interrupted', `stopped after ${index} of ${items.length} items`)
      const around = setsVariables ? fleet.variables.scope(host, context.playVars, inherited) : scope
      const inner = extendScope(around, item.vars, true)
      const { label: called } = task.loopControl
      const label = await settled(() => labelIn(called, inner, task.pos) ?? item.label, context)
      const own = together ? await settled(() => laneOf(inner, item.vars), context) : undefined
      if (own === undefined || own !== lane) await before
      lane = own
      const outcome = await runItem(inner, item.vars, label, index, own === undefined ? undefined : next)
      if (own !== undefined) next()
      await before
      const done = await told(outcome, label, inner)
      const { breakWhen } = task.loopControl
      if (breakWhen.length > 0) {
        const after = withResult(inner, done)
        if (await settled(() => breakWhen.every((one) => compileCondition(one).test(after)), context)) stop()
      }
      return done
    })
    const whole = combineLoop(
      outcomes,
      items.map(({ vars }) => vars),
    )
    if (outcomes.length === 0)
      return reported({ ...skippedOutcome('the loop is empty'), result: whole.result }, null, null)
    return whole
  }

  function withResult(scope: Scope, { result }: Outcome): Scope {
    return task.register === undefined ? scope : extendScope(scope, { [task.register]: result }, true)
  }

  function loopItems(scope: Scope) {
    try {
      const place = { playDir: context.play.dir, now: true, check: fleet.options.check }
      return itemsOf(task, scope, place, (vars) => {
        fleet.options.masker.learn(vars)
        return fleet.options.masker.maskDeep(vars)
      })
    } catch (error) {
      const guarded = inherited.when.some((condition) => isFalse(condition, scope))
      if (guarded) return null
      throw error
    }
  }

  async function runItem(
    scope: Scope,
    ofLoop: Vars | undefined,
    label: string | null,
    item: number,
    onSent?: () => void,
  ): Promise<Outcome> {
    const module = context.modules.get(task.module)!
    const target = await settled(() => targetOf(scope), context)
    const { emit, masker } = fleet.options
    // Where it cannot be said, the report of the outcome says so.
    const hidden = await settled(() => isHidden(scope), context).catch(() => true)
    const isSecret = hidden || isSecretName(task.register ?? '')
    const shown = hidden && label !== null ? HIDDEN : label
    const outcome = await attemptItem(
      {
        fleet,
        task,
        module,
        inherited,
        identity: { play: context.play.name, task: heading, host: name, item: shown },
        playDir: context.play.dir,
        host,
        target,
        where: () => where(scope, target, ofLoop),
        item,
        ahead: context.ahead,
        onSent,
        interrupted: context.interrupted,
        // What it says may be the secret that it registers.
        emitProgress: (line) => !isSecret && emit({ event: 'progress', task: heading, host: name, line }),
        beginLook: (waitsFor) =>
          fleet.work.begin(target.name, heading, isSecret ? 'a look' : task.module, () => {
            const what = isSecret ? undefined : waitsFor()
            return what && `waits for ${what}`
          }),
        beginStep: (what) => {
          const work = fleet.work.begin(target.name, heading, isSecret ? 'a step' : what)
          return isSecret ? { ...work, tell() {} } : work
        },
        emitRetry: (attempt, left, message) =>
          emit({
            event: 'retry',
            task: heading,
            host: name,
            item: shown,
            attempt,
            left,
            message: hidden ? undefined : message,
          }),
      },
      scope,
    )
    masker.learnResult(task.register ?? '', outcome.result)
    const delegates = () => flagOf('delegate_facts', inherited.delegateFacts, scope)
    learnFacts(outcome, module, (await settled(delegates, context)) ? target : host)
    return outcome
  }

  /** Before the next item: it may build on them. */
  function learnFacts({ result, status }: Outcome, module: Module, owner: HostState): void {
    const facts = result.ansible_facts as Vars | undefined
    if (!facts || facts instanceof Unknown || status === 'failed') return
    const owners = owner === host ? [host, ...alike.map((other) => fleet.host(other))] : [owner]
    for (const of of owners) {
      if (module.bringsVariables) of.include({ vars: facts, at: placesOf(facts) })
      else if (module.gathersFacts) of.addFacts(facts)
      else of.register(facts)
    }
  }

  async function reported(result: Outcome, label: string | null, scope: Scope | null): Promise<Outcome> {
    const { delegate, hidden, diff } = await settled(
      () => ({
        delegate: scope && inherited.delegateTo ? targetOf(scope).name : undefined,
        hidden: isHidden(scope),
        diff: scope === null ? undefined : flagOf('diff', inherited.diff, scope),
      }),
      context,
    )
    reportOutcome(
      result,
      { ...describe(), delegate },
      name,
      label,
      performance.now() - started,
      context,
      kind,
      hidden,
      diff,
    )
    return result
  }

  function describe() {
    return { name: heading, module: task.module, pos: task.pos }
  }

  function targetOf(scope: Scope): HostState {
    if (inherited.delegateTo === undefined) return host
    const found =
      targets.get(scope) ?? fleet.host(textOf('delegate_to', inherited.delegateTo, scope, task.pos))
    targets.set(scope, found)
    return found
  }

  function where(scope: Scope, named: HostState, item: Vars | undefined): Where {
    return whereOf({ fleet, playVars: context.playVars, inherited, host, named, item }, () => scope, task.pos)
  }

  /** Commands that have it in common run in the order in which they are sent. undefined: it waits, and says what is wrong. */
  function laneOf(scope: Scope, item: Vars): string | undefined {
    try {
      const { target, reach, becoming } = where(scope, targetOf(scope), item)
      const as = becomeUser(inherited, scope, task.pos, becoming)
      return jsonText([target.name, as, { ...reach, variables: reach?.variables?.() }])
    } catch {
      return undefined
    }
  }

  /** Reports an item, whatever is wrong with the keywords that say how: those behind it may have been sent already. */
  async function told(outcome: Outcome, label: string | null, scope: Scope): Promise<Outcome> {
    try {
      return await reported(await withIgnore(outcome, scope), label, scope)
    } catch (error) {
      return reported(failedOutcome(error), label, null)
    }
  }

  function isHidden(scope: Scope | null): boolean {
    const { noLog } = inherited
    if (typeof noLog !== 'object') return noLog === true
    return scope === null || flagOf('no_log', noLog, scope) !== false
  }

  async function withIgnore(result: Outcome, scope: Scope | undefined): Promise<Outcome> {
    const { ignoreErrors, ignoreUnreachable } = inherited
    const isTrue = async (value: typeof ignoreErrors, keyword: string) =>
      typeof value === 'object'
        ? scope !== undefined && (await settled(() => holds(keyword, value, scope), context))
        : value === true
    if (result.status === 'unreachable')
      return (await isTrue(ignoreUnreachable, 'ignore_unreachable')) ? { ...result, ignored: true } : result
    if (result.status !== 'failed') return result
    const ignored = await isTrue(ignoreErrors, 'ignore_errors')
    return ignored ? { ...result, ignored } : result
  }

  /** @param unsure why nobody knows whether they are @returns what is wrong with it: a name that no handler has, or that is not known */
  async function notify(unsure: string | undefined): Promise<unknown> {
    if (task.notify.length === 0) return undefined
    try {
      const { wanted, names } = await settled(() => {
        const scope = fleet.variables.scope(host, context.playVars, inherited)
        const headingOf = (handler: Handler) =>
          fleet.variables.heading(handler, name, context.playVars, inherited)
        return {
          wanted: task.notify.map((one) => textOf('notify', one.name, scope, one.pos)),
          names: new Map(context.handlers.all.map((handler) => [handler, headingOf(handler)])),
        }
      }, context)
      const nameOf = (handler: Handler): string => names.get(handler) ?? handler.name
      const unheard = wanted.filter((one) => !context.handlers.notify(one, name, nameOf, unsure))
      if (unheard.length === 0) return undefined
      return new Refusal(`no handler of this play is called ${unheard.join(' or ')}, nor listens to it`)
    } catch (error) {
      return error
    }
  }
}

function isFalse(condition: { text: string; pos: Task['pos'] }, scope: Scope): boolean {
  try {
    return !compileCondition(condition).test(scope)
  } catch {
    return false
  }
}

/** For `rescue`, and what comes behind it. */
const rememberFailure = (
  { result }: Outcome,
  { name, module }: { name: string; module: string },
  host: HostState,
): void => host.register({ ansible_failed_task: { name, action: module }, ansible_failed_result: result })

/**
 * What went wrong on a host around what a task does, such as a keyword, or a file that it reads.
 * @returns whether it has failed: what only the run will know is no failure
 */
export function failOn(
  name: string,
  error: unknown,
  task: { name: string; module: string; pos?: Pos },
  context: BatchContext,
  kind: 'task' | 'handler',
): boolean {
  const host = context.fleet.host(name)
  const outcome = failedOutcome(orUnknown(error, host.world))
  reportOutcome(outcome, task, name, null, 0, context, kind)
  context.tally.count(name, outcome.status)
  if (outcome.status === 'unknown') host.world.uncertain ??= `an earlier task is unknown: ${task.name}`
  else rememberFailure(outcome, task, host)
  return outcome.status !== 'unknown'
}

/** Tells the reporter of an outcome. */
export function reportOutcome(
  outcome: Outcome,
  task: { name: string; module: string; pos?: Pos; delegate?: string },
  host: string,
  item: string | null,
  duration: number,
  context: BatchContext,
  kind: 'task' | 'handler',
  hidden = false,
  diff?: boolean,
): void {
  const { status, ignored, changes, command, notes, warnings, attempts } = outcome
  for (const message of hidden ? [] : (warnings ?? []))
    context.fleet.options.emit({ event: 'warning', host, message })
  // What a host or a module says knows no place: it is that of the task. A host that is gone is no fault of a line.
  const at = status === 'failed' && task.pos ? placeOf(task.pos) : undefined
  const error = outcome.error && { ...outcome.error, at: outcome.error.at ?? at }
  context.fleet.options.emit({
    event: 'task_result',
    play: context.play.name,
    task: task.name,
    kind,
    module: task.module,
    host,
    ...(task.delegate === undefined ? {} : { delegate: task.delegate }),
    item: hidden && item !== null ? HIDDEN : item,
    status,
    ...(ignored ? { ignored } : {}),
    changes: hidden ? [] : changes,
    ...(diff === undefined ? {} : { diff }),
    duration_ms: Math.round(duration * 1000) / 1000,
    ...(hidden
      ? { no_log: true, ...(error ? { message: 'hidden by no_log' } : {}) }
      : {
          ...(context.modules.get(task.module)?.shownFrom ? { shown: true } : {}),
          message: outcome.message,
          error,
          command,
          notes,
          attempts,
          result: outcome.result,
        }),
  })
}
