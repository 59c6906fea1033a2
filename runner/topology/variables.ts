import { Diagnostics, PlayError } from '../errors.ts'
import { text, textOrNumber, type Vars } from '../hosts/variables.ts'
import { nearest } from '../load/nearest.ts'
import type { Inventory } from '../load/types.ts'
import { namedPublications, namedSubscriptions } from './named.ts'
import { type HostVariables, publicationsOf } from './wanted.ts'

/**
 * What the inventory says of its clusters: the hosts that have `pg_version`.
 * @throws {PlayErrors} code 'inventory', all that is wrong together
 */
export function topologyVariables(
  inventory: Inventory,
  variablesOf: (host: string) => Vars,
): Map<string, HostVariables> {
  const diagnostics = new Diagnostics()
  const found = new Map<string, HostVariables>()
  const wrong = new Set<string>()
  for (const host of inventory.hosts.keys()) {
    const variables = diagnostics.collect(() => read(host, variablesOf(host)))
    if (variables) found.set(host, variables)
    else if (variables === undefined) wrong.add(host)
  }
  for (const [host, variables] of found) {
    const { name, hosts } = followed(variables)
    const pos = inventory.hosts.get(host)!.where(name)
    for (const other of hosts) {
      const near = nearest(other, [...found.keys()])
      if (other === host) diagnostics.add('inventory', `${host} is to follow itself`, { pos })
      else if (!found.has(other) && !wrong.has(other))
        diagnostics.add('inventory', `${host} is to follow ${other}, which is no host with pg_version`, {
          pos,
          hint: near && `did you mean ${near}?`,
        })
    }
    for (const { name: own, publisher, publications } of variables.pg_subscriptions ?? []) {
      const from = found.get(publisher)
      const published = from ? publicationsOf(from).map(({ name }) => name) : publications
      for (const missing of publications.filter((name) => !published.includes(name)))
        diagnostics.add(
          'inventory',
          `${host}: subscription ${own} takes ${missing}, which ${publisher} does not publish`,
          { pos, hint: `${publisher} publishes ${published.join(', ') || 'nothing'}` },
        )
    }
  }
  diagnostics.throwIfAny()
  if (found.size > 0) return found
  throw new PlayError('inventory', 'no host of the inventory has pg_version, so there is no cluster to ask', {
    hint: 'Name the inventory with -i, and set pg_version in group_vars/all.yaml.',
  })
}

/** The hosts that one follows, and the variable that says so. */
function followed({ standby_of, subscribes_to, pg_subscriptions }: HostVariables) {
  if (standby_of !== undefined) return { name: 'standby_of', hosts: [standby_of] }
  if (!pg_subscriptions) return { name: 'subscribes_to', hosts: subscribes_to }
  return { name: 'pg_subscriptions', hosts: new Set(pg_subscriptions.map(({ publisher }) => publisher)) }
}

/** Null where it has no cluster. The defaults are those of the modules. */
function read(host: string, vars: Vars): HostVariables | null {
  const pg_version = textOrNumber(host, vars, 'pg_version')
  if (pg_version === undefined) return null
  return {
    pg_version,
    pg_cluster: text(host, vars, 'pg_cluster') ?? 'main',
    replicated_database: text(host, vars, 'replicated_database') ?? 'postgres',
    publishes: list(host, vars, 'publishes'),
    subscribes_to: list(host, vars, 'subscribes_to'),
    pg_publications: namedPublications(host, vars),
    pg_subscriptions: namedSubscriptions(host, vars),
    standby_of: text(host, vars, 'standby_of'),
    pg_slot_host: text(host, vars, 'pg_slot_host'),
  }
}

function list(host: string, vars: Vars, name: string): string[] {
  const value = vars[name] ?? []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new PlayError('inventory', `${host}: ${name} is no list of names`, { hint: `${name}: [one, two]` })
}
