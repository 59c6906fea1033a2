import type { Pos } from '../errors.ts'
import type { Reach } from '../hosts/types.ts'
import { CONNECTION_VARIABLES } from '../hosts/variables.ts'
import { extendScope, type Scope, writtenIn } from '../load/scope.ts'
import type { Vars } from '../load/types.ts'
import { saysConnection } from './connection-variables.ts'
import type { Fleet } from './fleet.ts'
import type { HostState } from './host-state.ts'
import type { PlayVars } from './host-variables.ts'
import type { Inherited } from './inherit.ts'
import { reachOf } from './reach.ts'

/** Under whose variables something is done, and for which host of the inventory. */
interface Asked {
  fleet: Fleet
  playVars: PlayVars
  inherited: Inherited
  /** Whose task it is. */
  host: HostState
  /** The host itself, or whom the task is delegated to. */
  named: HostState
  /** Of its loop. */
  item?: Vars
}

/** Where something is done, and how that is reached. */
export interface Where {
  /** The named host, or another machine in its place: what is read and planned there is that machine's. */
  target: HostState
  /** undefined: as the play says. */
  reach?: Reach
  /** The variables that say whom to become there, where they are not those of the task's own host. */
  becoming?: Vars
}

/**
 * Keywords and variables say how a host is reached on the level where they stand, as Ansible has it. For one that a task is
 * delegated to these are its own variables, under those of the play and the task.
 */
export function whereOf(asked: Asked, scope: () => Scope, pos: Pos): Where {
  const { host, named, inherited, fleet } = asked
  const said = reachOf(inherited, scope, pos)
  const variables = variablesOf(asked)
  if (!said && !variables && named === host && !host.reach) return { target: host }
  const reach = { ...host.reach, ...said, variables }
  const target = fleet.machines.at(named, reach)
  return named === host ? { target, reach } : { target, reach, becoming: variablesNamed(BECOMING, asked) }
}

/** The variables that a connection is made of, where the inventory is not alone in saying some of them. */
export function variablesOf(asked: Asked): Reach['variables'] {
  return says(asked) ? () => variablesNamed(CONNECTION_VARIABLES, asked) : undefined
}

const BECOMING = ['ansible_become', 'ansible_become_user']

function says({ playVars, inherited, named, item }: Asked): boolean {
  const { role, vars, params } = inherited
  const isSaid = (one: Vars) => saysConnection(one, named.inventory)
  const areSaid = (all: readonly { vars: Vars }[] | undefined) =>
    all?.some((one) => isSaid(one.vars)) === true
  return (
    areSaid(playVars.below) ||
    areSaid(playVars.layers) ||
    areSaid(vars) ||
    areSaid(params) ||
    areSaid(role?.defaults) ||
    areSaid(role?.vars) ||
    areSaid(role?.params) ||
    named.saysConnection() ||
    (item !== undefined && isSaid(item))
  )
}

/**
 * What the inventory says of a host is made of its own variables; what the playbook says, for the host whose task it is. Ansible makes
 * both for the latter, so that `ansible_host: "{{ inventory_hostname }}.lan"` leads to the wrong machine there.
 */
function variablesNamed(names: readonly string[], asked: Asked): Vars {
  const { fleet, playVars, inherited, host, named, item = {} } = asked
  const own = fleet.variables.saidScope(named, playVars, inherited)
  const ofTask = { ...item, ...(named === host ? {} : { inventory_hostname: host.name }) }
  const inTask = Object.keys(ofTask).length === 0 ? own : extendScope(own, ofTask, true)
  const vars: Vars = {}
  for (const name of names) {
    if (!(name in inTask)) continue
    const isOfInventory = writtenIn(inTask, name)?.value === named.inventory.vars[name]
    Object.defineProperty(vars, name, { enumerable: true, get: () => (isOfInventory ? own : inTask)[name] })
  }
  return vars
}
