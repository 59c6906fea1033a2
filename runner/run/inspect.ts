import { isDeepStrictEqual } from 'node:util'
import type { Module } from '../../contract/module.ts'
import { Unknown } from '../../contract/unknown.ts'
import { PlayError, type Pos } from '../errors.ts'
import { USER_NAME } from '../hosts/become.ts'
import type { Connection, Reach } from '../hosts/types.ts'
import { notNow, settled } from '../load/outside.ts'
import type { Scope } from '../load/scope.ts'
import type { Task, Vars } from '../load/types.ts'
import { parseArguments } from './arguments.ts'
import { controllerReader } from './controller.ts'
import { deadlineOf, inTime, type Patience } from './deadline.ts'
import type { Fleet } from './fleet.ts'
import type { HostState } from './host-state.ts'
import type { Inherited } from './inherit.ts'
import { flagOf, textOf, timeoutOf, UnknownKeyword } from './keyword-value.ts'
import { Peek } from './peek.ts'
import { foldersOf } from './places.ts'
import { Reader } from './reader.ts'

/** One task on one host, as far as reading goes. */
export interface InspectContext {
  fleet: Fleet
  task: Task
  module: Module
  inherited: Inherited
  /** Folder of the playbook. */
  playDir: string
  /** Whose variables apply. */
  host: HostState
  /** Where it is done: the host itself unless delegated, or the machine that it is reached on. */
  target: HostState
  /** See `Where`. */
  reach?: Reach
  becoming?: Vars
}

/** What a task is told to do, and how it found the host. */
export interface Inspected {
  params: unknown
  /** The operating-system user; undefined for the login user. */
  as: string | undefined
  /** Where it was inspected, and where it is to be done. */
  target: HostState
  connection: Connection
  /** What it was read through. */
  reader: Reader
  state: unknown
  /** A template file was rendered with the variables of then. */
  readVariables: boolean
}

/**
 * Renders the arguments and reads the host. Changes nothing.
 * @param when 'ahead': before its turn, and then it does not wait for anything
 * @param until when the task has taken what it may; from now on, where it is left out
 * @throws what either fails with
 */
export async function inspectTask(
  context: InspectContext,
  scope: Scope,
  when: 'ahead' | 'now' = 'now',
  until?: number,
): Promise<Inspected> {
  const { fleet, task, module, host, target, reach } = context
  const evaluated = <T>(work: () => T, timeout?: number): Promise<T> =>
    when === 'ahead'
      ? Promise.resolve(notNow(work))
      : settled(work, { interrupted: fleet.options.interrupted, timeout })
  const timeout = await evaluated(() => timeoutOf(task.timeout, scope))
  const deadline = until ?? deadlineOf(timeout)
  const { params, as } = await evaluated(() => prepare(context, scope), timeout)
  const connection = await fleet.options.connect(target.name, reach)
  target.reached = true
  target.connection = connection
  if (target.name === host.name) host.reached = true
  const { interrupted } = fleet.options
  const limits = { deadline, seconds: timeout, interrupted, waitsFor: connection.waitsFor }
  const controller = controllerReader(foldersOf(task, context.playDir), scope, fleet.fetched, {
    ...fleet.options,
    evaluated: (work) => evaluated(work, timeout),
  })
  let readVariables = false
  let waited = false
  const readerWith = (patience: Patience) =>
    new Reader({
      name: target.name,
      connection,
      as,
      deadline,
      patience,
      reads: module.reads,
      world: target.world,
      cache: fleet.cacheOf(target, connection),
      plannedAnywhere: fleet.machines.plannedAnywhere,
      worldOf: fleet.machines.worldOf,
      othersWith: (path) => othersWith(path, target.name, fleet),
      onWait() {
        if (when === 'ahead') throw new Error('this waits for its turn')
        waited = true
      },
      controller: {
        ...controller,
        template(path, dest) {
          readVariables = true
          return controller.template(path, dest)
        },
        variable(name) {
          readVariables = true
          return controller.variable(name)
        },
      },
      peek: (on, text, values, how) => Peek.of(connection).query(on, text, values, how),
    })
  try {
    return await inTime(async (patience) => {
      const reader = readerWith(patience)
      const state = await module.inspect(reader, params)
      return { params, as, target, connection, reader, state, readVariables }
    }, limits)
  } catch (error) {
    // A failed read must not be answered from the cache when the task is tried again.
    target.forgetReads()
    throw error
  } finally {
    if (waited) fleet.forgetFacts()
  }
}

/** Whether inspecting the task hangs on variables alone: a change on a host makes nothing of it wrong. */
export const readsNothing = (task: Task, module: Module): boolean =>
  module.readsNothing?.(task.args.value) === true

/** One that cannot be reached fails in its own turn, where it has one. */
async function othersWith(path: string, self: string, { options, inventory }: Fleet): Promise<string[]> {
  const others = [...inventory.hosts.keys()].filter((name) => name !== self)
  const answers = await Promise.all(
    others.map(async (name) => {
      try {
        return (await (await options.connect(name)).exec(['test', '-e', path])).code === 0
      } catch {
        return false
      }
    }),
  )
  return others.filter((_, index) => answers[index])
}

/** Whether what was inspected under other variables is what would be inspected under these. */
export function stillMeans(inspected: Inspected, context: InspectContext, scope: Scope): boolean {
  if (inspected.readVariables) return false
  try {
    const { params, as } = notNow(() => prepare(context, scope))
    return as === inspected.as && isDeepStrictEqual(params, inspected.params)
  } catch {
    // What is wrong now, or waits for its turn, is told when it is inspected again.
    return false
  }
}

/** What a task is told to do, and as whom. */
export const prepare = ({ fleet, task, module, inherited, becoming }: InspectContext, scope: Scope) => ({
  params: parseArguments(task, module, scope, fleet.options.masker),
  as: becomeUser(inherited, scope, task.pos, becoming),
})

/**
 * The operating-system user that the task acts as; undefined for the login user.
 * @param pos of the task, or what it stands in
 * @param variables that stand above the keywords: those of the host that it acts on
 * @throws {PlayError} {UnknownKeyword}
 */
export function becomeUser(
  inherited: Inherited,
  scope: Scope,
  pos: Pos,
  variables: Readonly<Vars> = scope,
): string | undefined {
  const own = (name: string) => {
    const value = name in variables ? variables[name] : undefined
    if (value instanceof Unknown) throw new UnknownKeyword(name, value.why, pos)
    return value
  }
  const wanted = own('ansible_become') ?? flagOf('become', inherited.become, scope)
  const { becomeUser: said = 'root' } = inherited
  const user = own('ansible_become_user') ?? textOf('become_user', said, scope, pos)
  if (typeof user !== 'string' || user === '')
    throw new PlayError('playbook', 'become_user must be the name of a user')
  if (!isTrue(wanted)) return undefined
  if (!USER_NAME.test(user))
    throw new PlayError('become', `become_user is no name of an operating-system user: ${user}`, { pos })
  return user
}

const isTrue = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && /^(true|yes|on|1)$/i.test(value))
