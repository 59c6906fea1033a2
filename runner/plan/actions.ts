import type { Plan } from '../../contract/plan.ts'
import { UnknownError } from '../../contract/unknown.ts'
import type { ConnectionSpec } from '../hosts/types.ts'
import type { Doing } from '../run/doing.ts'
import type { TaskIdentity } from '../run/fleet.ts'
import type { Digest, Digester } from './digest.ts'
import { identity } from './identity.ts'
import type { PlannedAction } from './plan-file.ts'

/** What is to be done on a host, as it is asked for: where, as whom, and by which words. */
export interface Asked extends Omit<PlannedAction, 'arguments' | 'environment' | 'keywords' | 'effect'> {
  arguments: Record<string, Digest>
  environment: Record<string, Digest>
  keywords: Record<string, Digest>
}

export interface Action extends Asked {
  /** Which task it is, with what is a secret in its names. */
  own: string
  /** What it writes and runs, and what that changes. */
  effect: Digest
  /** Of its changes. */
  paths: string[]
}

export const actionOf = async (
  task: TaskIdentity,
  plan: Plan,
  doing: Doing,
  digester: Digester,
): Promise<Action> => ({
  ...askedOf(task, doing, digester),
  own: identity(task),
  // Why something changes may tell how much there is of something that grows all the time.
  effect: await digester.withFiles([
    plan.changes.map((change) => ({ ...change, reason: undefined })),
    plan.steps,
  ]),
  paths: pathsOf(plan),
})

export const pathsOf = ({ changes }: Plan): string[] => changes.map(({ path }) => path)

export function askedOf({ play, task, host, item }: TaskIdentity, doing: Doing, digester: Digester): Asked {
  const { hides } = digester
  const { params, environment, keywords } = doing
  const isKnown = !(environment instanceof UnknownError)
  const each = (values: unknown) => digests(values, digester)
  return {
    ...{ play: hides(play), task: hides(task), host, item: item === null ? null : hides(item) },
    ...placedOf(host, doing),
    arguments: each(params),
    environment: isKnown ? each(environment) : {},
    ...(isKnown ? {} : { unknown_environment: environment.message }),
    keywords: each(keywords),
  }
}

/** Where, as whom and by which module. */
export type Placed = Pick<PlannedAction, 'module' | 'at' | 'login' | 'user' | 'become_method'>

export function placedOf(host: string, { module, spec, user }: Doing): Placed {
  const method = user === spec.user ? undefined : spec.becomeMethod
  const at = placeOf(spec, host)
  return { module, at, login: spec.user, user, ...(method ? { become_method: method } : {}) }
}

/** As it is kept in a plan. */
export async function writtenAction(action: Action, digester: Digester): Promise<PlannedAction> {
  const each = async (all: Record<string, Digest>) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(all).map(async ([name, one]) => [name, await digester.written(one)] as const),
      ),
    )
  const { paths: _paths, own: _own, ...said } = action
  return {
    ...said,
    arguments: await each(action.arguments),
    environment: await each(action.environment),
    keywords: await each(action.keywords),
    effect: await digester.written(action.effect),
  }
}

/** Of each that is said. Arguments that are no mapping are one. */
function digests(values: unknown, digester: Digester): Record<string, Digest> {
  const isMapping = typeof values === 'object' && values !== null && !Array.isArray(values)
  const all = isMapping ? Object.entries(values) : [['arguments', values] as const]
  return Object.fromEntries(
    all.flatMap(([name, value]) => (value === undefined ? [] : [[name, digester.of(value)]])),
  )
}

/** The machine in words, with the name of one that the task is delegated to. */
function placeOf({ name, kind, address, port, proxyJump }: ConnectionSpec, host: string): string {
  const machine = kind === 'local' ? 'this machine' : `${bracketed(address)}:${port}`
  const way = proxyJump.length > 0 ? ` through ${proxyJump.join(', ')}` : ''
  return `${name === host ? '' : `${name}, `}${machine}${way}`
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)
