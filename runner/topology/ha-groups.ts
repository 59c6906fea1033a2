import { isDeepStrictEqual } from 'node:util'
import type { HaGroup } from '../../postgres/standby/ha-roles.ts'
import type { Diagnostics } from '../errors.ts'
import type { Vars } from '../hosts/variables.ts'
import { nearest } from '../load/nearest.ts'
import type { Inventory } from '../load/types.ts'
import type { TopologyVariables } from './schema.ts'
import { PUBLICATION, subscriptionTo } from './shorthand.ts'
import { publicationsOf } from './wanted.ts'

/**
 * Hosts that stand in for each other (`pg_ha_group`). Who of them is the primary is found in a run, and said by the group
 * pg_primaries; until then the declared one counts. Everything else reads variables as if the inventory named the roles.
 */

type Fleet = ReadonlyMap<string, TopologyVariables>

/** The groups, each with its members in the inventory's order, and whether its primary publishes. */
export function haGroupsOf(fleet: Fleet): (HaGroup & { publishes: boolean })[] {
  const groups = new Map<string, HaGroup & { publishes: boolean }>()
  for (const [host, own] of fleet) {
    const { pg_ha_group: name, pg_primary } = own
    if (name === undefined) continue
    const publishes = publicationsOf(own).length > 0
    const known = groups.get(name) ?? { name, members: [], declared: pg_primary ?? host, publishes }
    groups.set(name, { ...known, members: [...known.members, host] })
  }
  return [...groups.values()]
}

/** Who of each group is the primary, as far as this run has found that. */
export function primariesOf(fleet: Fleet, inventory: Inventory): Map<string, string> {
  const found = inventory.groups.get('pg_primaries')?.hosts ?? []
  return new Map(
    haGroupsOf(fleet).map(({ name, members, declared }) => [
      name,
      members.find((host) => found.includes(host)) ?? declared,
    ]),
  )
}

/** The variables as if the inventory said whom each member follows, and named the primary where it names a group. */
export function withRoles(fleet: Fleet, inventory: Inventory): Map<string, TopologyVariables> {
  const primaryOf = primariesOf(fleet, inventory)
  if (primaryOf.size === 0) return new Map(fleet)
  const named = (name: string): string => primaryOf.get(name) ?? name
  return new Map(
    [...fleet].map(([host, own]) => {
      const primary = own.pg_ha_group === undefined ? undefined : primaryOf.get(own.pg_ha_group)
      const follows = primary === undefined || primary === host ? own.standby_of : primary
      const subscriptions = own.pg_subscriptions ?? longhand(own, fleet, primaryOf)
      return [
        host,
        {
          ...own,
          ...(follows === undefined ? {} : { standby_of: named(follows) }),
          ...(subscriptions === undefined
            ? {}
            : {
                subscribes_to: undefined,
                pg_subscriptions: subscriptions.map((one) => ({ ...one, publisher: named(one.publisher) })),
              }),
        },
      ]
    }),
  )
}

/** A subscription to a group has the group's name in its own, whoever is the primary. */
function longhand(
  { subscribes_to }: TopologyVariables,
  fleet: Fleet,
  primaryOf: ReadonlyMap<string, string>,
): TopologyVariables['pg_subscriptions'] {
  if (!subscribes_to?.some((name) => primaryOf.has(name))) return undefined
  return subscribes_to.map((publisher) => {
    const from = fleet.get(primaryOf.get(publisher) ?? publisher)
    const names = from ? publicationsOf(from).map(({ name }) => name) : []
    const publications = names.length > 0 ? names : [PUBLICATION]
    return { name: subscriptionTo(publisher), publisher, publications }
  })
}

/** What follows the role, and so is the group's and not a member's. */
const OF_THE_GROUP = [
  ...['pg_version', 'pg_primary', 'pg_replicated_database', 'pg_replication_user', 'pg_replication_password'],
  ...['publishes', 'subscribes_to', 'pg_publications', 'pg_subscriptions'],
] as const
/** The same, of what is in a cluster: a standby is a copy. */
const CONTENTS_OF_THE_GROUP = [
  'pg_databases',
  'pg_roles',
  'pg_extensions',
  'pg_tables',
  'pg_tablespaces',
] as const

const ROLE = 'Who is the primary is found: docs/variables.md says what of a group is said where.'

/** @param wrong hosts whose variables could not be read: what others say of them is not told as well */
export function checkGroups(
  fleet: Fleet,
  wrong: ReadonlySet<string>,
  inventory: Inventory,
  diagnostics: Diagnostics,
): void {
  const at = (host: string, name: string) => inventory.hosts.get(host)?.where(name)
  const add = (host: string, name: string, what: string, hint: string) =>
    diagnostics.add('inventory', `${host}: ${what}`, { pos: at(host, name), hint })
  for (const { name, members } of haGroupsOf(fleet)) {
    const [first, ...rest] = members as [string, ...string[]]
    if (inventory.hosts.has(name))
      add(first, 'pg_ha_group', `pg_ha_group ${name} is a host too`, 'Give the group another name.')
    const said = fleet.get(first)!
    for (const variable of OF_THE_GROUP) {
      const other = rest.find((host) => !isDeepStrictEqual(fleet.get(host)![variable], said[variable]))
      if (other !== undefined) add(other, variable, another(variable, first, name), ONCE)
    }
    const declared = said.pg_primary
    if (declared === undefined)
      add(
        first,
        'pg_ha_group',
        `pg_primary is missing`,
        `Say which of ${members.join(', ')} is the primary when nothing exists yet.`,
      )
    else if (!members.includes(declared) && !wrong.has(declared)) {
      const near = nearest(declared, members)
      add(
        first,
        'pg_primary',
        `pg_primary is ${declared}, which is not of pg_ha_group ${name}`,
        near ? `did you mean ${near}?` : `Its members are ${members.join(', ')}.`,
      )
    }
  }
  for (const [host, own] of fleet) checkMember(host, own, fleet, add)
}

/** What hangs on facts is not compared. */
export function checkContents(
  fleet: Fleet,
  inventory: Inventory,
  variablesOf: (host: string) => Vars,
  diagnostics: Diagnostics,
): void {
  const read = (host: string, name: string): unknown => {
    try {
      return variablesOf(host)[name] ?? undefined
    } catch {
      return undefined
    }
  }
  for (const { name, members } of haGroupsOf(fleet))
    for (const variable of CONTENTS_OF_THE_GROUP) {
      const [first, ...rest] = members as [string, ...string[]]
      const said = read(first, variable)
      const other = rest.find((host) => !isDeepStrictEqual(read(host, variable), said))
      if (other !== undefined)
        diagnostics.add('inventory', `${other}: ${another(variable, first, name)}`, {
          pos: inventory.hosts.get(other)?.where(variable),
          hint: ONCE,
        })
    }
}

const another = (variable: string, first: string, group: string): string =>
  `it says another ${variable} than ${first}, and both are of pg_ha_group ${group}`
const ONCE = 'What a primary does follows the role: say it once, as a variable of the group.'

function checkMember(
  host: string,
  own: TopologyVariables,
  fleet: Fleet,
  add: (host: string, name: string, what: string, hint: string) => void,
): void {
  const { pg_ha_group: group } = own
  if (group === undefined && own.pg_primary !== undefined)
    add(host, 'pg_primary', 'pg_primary is for members of a pg_ha_group', 'Say pg_ha_group too.')
  if (group !== undefined) {
    for (const name of ['standby_of', 'pg_slot_host'] as const)
      if (own[name] !== undefined)
        add(host, name, `${name} is not for a member of pg_ha_group ${group}`, ROLE)
    if (own.pg_replication === 'keep')
      add(host, 'pg_replication', `pg_replication: keep is not for a member of pg_ha_group ${group}`, ROLE)
    for (const { name, slot } of own.pg_subscriptions ?? [])
      if (slot !== undefined)
        add(
          host,
          'pg_subscriptions',
          `subscription ${name} names its slot, and ${host} is of pg_ha_group ${group}`,
          'Leave slot out: it is named after the primary, and another one gets another name.',
        )
  }
  const named = [
    ...(own.standby_of === undefined ? [] : [['standby_of', own.standby_of] as const]),
    ...(own.backup_of === undefined ? [] : [['backup_of', own.backup_of] as const]),
    ...(own.subscribes_to ?? []).map((name) => ['subscribes_to', name] as const),
    ...(own.pg_subscriptions ?? []).map(({ publisher }) => ['pg_subscriptions', publisher] as const),
  ]
  for (const [variable, other] of named) {
    if (other === group && variable !== 'backup_of')
      add(host, variable, `${variable} names ${group}, of which ${host} is itself`, ROLE)
    const theirs = fleet.get(other)?.pg_ha_group
    if (theirs !== undefined)
      add(
        host,
        variable,
        `${variable} names ${other}, which is of pg_ha_group ${theirs}`,
        `Name the group: ${theirs} is whoever is its primary.`,
      )
  }
}
