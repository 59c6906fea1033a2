import type * as z from 'zod'
import { wrapped } from '../../contract/parse-params.ts'
import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { Diagnostics, PlayError, PlayErrors } from '../errors.ts'
import type { Vars } from '../hosts/variables.ts'
import { issuesOf } from '../load/issues.ts'
import { nearest } from '../load/nearest.ts'
import type { Inventory } from '../load/types.ts'
import { checkGroups, haGroupsOf, withRoles } from './ha-groups.ts'
import { ALSO, CONTENTS, type ContentsVariables, KNOWN, TOPOLOGY, type TopologyVariables } from './schema.ts'
import { publicationsOf } from './wanted.ts'

const PAGE = 'docs/variables.md says what it holds.'
/** In how many words: the two say the same. */
const SHORT = [
  ['pg_publications', 'publishes'],
  ['pg_subscriptions', 'subscribes_to'],
  ...Object.entries(ALSO),
] as const

/**
 * What the inventory says of its clusters: the hosts that have `pg_version`.
 * @throws {PlayErrors} code 'inventory', all that is wrong together {UnknownError} where only the run will know a variable
 */
export function topologyVariables(
  inventory: Inventory,
  variablesOf: (host: string) => Vars,
): Map<string, TopologyVariables> {
  const diagnostics = new Diagnostics()
  const found = new Map<string, TopologyVariables>()
  const wrong = new Set<string>()
  for (const host of inventory.hosts.keys()) {
    const before = diagnostics.errors.length
    const variables = readTopology(host, inventory, variablesOf(host), diagnostics)
    if (variables && diagnostics.errors.length === before) found.set(host, variables)
    else if (diagnostics.errors.length > before) wrong.add(host)
  }
  checkGroups(found, wrong, inventory, diagnostics)
  const named = withGroups(found)
  for (const [host, variables] of found) checkOthers(host, variables, named, wrong, inventory, diagnostics)
  if (diagnostics.errors.length > 0) throw new PlayErrors(saidOnce(diagnostics.errors))
  if (found.size > 0) return withRoles(found, inventory)
  throw new PlayError('inventory', 'no host of the inventory has pg_version, so there is no cluster to ask', {
    hint: 'Name the inventory with -i, and set pg_version in group_vars/all.yaml.',
  })
}

/** A group can be named like a host; its members say the same. */
const withGroups = (found: ReadonlyMap<string, TopologyVariables>): Map<string, TopologyVariables> =>
  new Map([
    ...found,
    ...haGroupsOf(found).map(({ name, members }) => [name, found.get(members[0]!)!] as const),
  ])

/** What is wrong in one place for many hosts is one error, which names the first of them. */
function saidOnce(errors: readonly PlayError[]): PlayError[] {
  const groups = new Map<string, PlayError[]>()
  for (const error of errors) {
    const { file, line, col } = error.pos ?? {}
    const key = [file, line, col, error.pos ? error.message.replace(/^[^ ]+: /, '') : error.message].join(
      '\n',
    )
    groups.set(key, [...(groups.get(key) ?? []), error])
  }
  return [...groups.values()].map(([first, ...more]) => {
    if (more.length === 0) return first!
    const { code, message, pos, hint } = first!
    const count = `${more.length} ${more.length === 1 ? 'other' : 'others'}`
    return new PlayError(code, message.replace(/^([^ ]+): /, `$1 and ${count}: `), { pos, hint })
  })
}

/** What is in a host's cluster, and how it is set. @throws as topologyVariables */
export function contentsVariables(host: string, inventory: Inventory, vars: Vars): ContentsVariables {
  const diagnostics = new Diagnostics()
  const read = parse(CONTENTS, host, inventory, vars, diagnostics)
  diagnostics.throwIfAny()
  return read as ContentsVariables
}

/**
 * Names that begin with pg_ and mean nothing, though another like them does.
 * @param isUsed whether the playbooks or other variables use a name
 */
export function checkNames(
  inventory: Inventory,
  isUsed: (name: string) => boolean,
  diagnostics: Diagnostics,
): void {
  const told = new Set<string>()
  for (const host of inventory.hosts.values())
    for (const name of Object.keys(host.vars)) {
      if (!name.startsWith('pg_') || KNOWN.includes(name) || told.has(name) || isUsed(name)) continue
      told.add(name)
      const near = nearest(name, KNOWN)
      diagnostics.add('inventory', `the variable ${name} means nothing to the playbooks`, {
        pos: host.where(name),
        hint: near
          ? `did you mean ${near}?`
          : 'docs/variables.md lists those that do; your own need another beginning than pg_',
      })
    }
}

function readTopology(host: string, inventory: Inventory, vars: Vars, diagnostics: Diagnostics) {
  if ((knownValue('pg_version', host, vars) ?? null) === null) return null
  for (const [name, short] of SHORT)
    if (readOf(name, vars) != null && readOf(short, vars) != null)
      diagnostics.add('inventory', `${host}: ${name} and ${short} say the same`, {
        pos: inventory.hosts.get(host)?.where(short),
        hint: `Take one of them away: ${short} is short for ${name}.`,
      })
  const read = parse(TOPOLOGY, host, inventory, vars, diagnostics) as TopologyVariables
  for (const name of ['pg_publications', 'pg_subscriptions'] as const) {
    const names = (read[name] ?? []).map((one) => String(one.name))
    const twice = names.find((one, index) => names.indexOf(one) < index)
    if (twice !== undefined) diagnostics.add('inventory', `${host}: ${name} names ${twice} twice`)
  }
  return read
}

/** One after another: what cannot be rendered is told as what it is. */
function parse(
  shape: Readonly<Record<string, z.ZodType>>,
  host: string,
  inventory: Inventory,
  vars: Vars,
  diagnostics: Diagnostics,
): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(shape)) {
    const written = ALSO[name] !== undefined && readOf(name, vars) == null ? ALSO[name] : name
    const mayBeUnknown = isSecret(schema) ? 'whole' : shape === CONTENTS ? 'parts' : 'never'
    const given = diagnostics.collect(() => knownValue(written, host, vars, mayBeUnknown) ?? undefined)
    if (given instanceof Unknown) {
      out[name] = given
      continue
    }
    const read = schema.safeParse(given)
    if (read.success) {
      if (read.data !== undefined) out[name] = read.data
      continue
    }
    for (const { path, wanted, message, kind } of issuesOf(read.error.issues, given)) {
      const what = [written, ...path].join('.')
      const said = isSecret(schema) ? wanted : kind === 'missing' ? 'is missing' : message
      diagnostics.add('inventory', `${host}: ${what}: ${said}`, {
        pos: inventory.hosts.get(host)?.where(written),
        hint: PAGE,
      })
    }
  }
  return out
}

/**
 * What only the run will know, such as what a program says, is no part of a topology. Passwords may be it, and parts of what is in a
 * cluster. @throws {UnknownError}
 */
function knownValue(
  name: string,
  host: string,
  vars: Vars,
  mayBeUnknown: 'never' | 'parts' | 'whole' = 'never',
): unknown {
  const value = readOf(name, vars)
  const open = mayBeUnknown === 'never' || value instanceof Unknown ? unknownIn(value) : undefined
  if (!open || mayBeUnknown === 'whole') return value
  throw new UnknownError(`${host}: ${name} is not known before the run: ${open.why}`)
}

function readOf(name: string, vars: Vars): unknown {
  try {
    return vars[name]
  } catch (error) {
    if (error instanceof UnknownError) return new Unknown(error.message)
    throw error
  }
}

function unknownIn(value: unknown): Unknown | undefined {
  if (value instanceof Unknown) return value
  if (typeof value !== 'object' || value === null) return undefined
  for (const part of Object.values(value)) {
    const found = unknownIn(part)
    if (found) return found
  }
  return undefined
}

/** Also one that may be left out. */
const isSecret = (schema: z.ZodType): boolean => wrapped(schema).some((one) => one.meta?.()?.secret === true)

/** The hosts that it follows are there, and publish what it takes. */
function checkOthers(
  host: string,
  variables: TopologyVariables,
  found: ReadonlyMap<string, TopologyVariables>,
  wrong: ReadonlySet<string>,
  inventory: Inventory,
  diagnostics: Diagnostics,
): void {
  const { backup_of } = variables
  if (backup_of !== undefined && !found.has(backup_of) && !wrong.has(backup_of))
    diagnostics.add(
      'inventory',
      `${host} is to keep the backups of ${backup_of}, which is no host with pg_version`,
      {
        pos: inventory.hosts.get(host)!.where('backup_of'),
      },
    )
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
  for (const other of variables.subscribes_to ?? []) {
    const from = found.get(other)
    if (from && !from.publishes && !from.pg_publications)
      diagnostics.add('inventory', `${host} subscribes to ${other}, which does not say what it publishes`, {
        pos,
        hint: `Take ${other} out of subscribes_to, or write publishes: [] for it, which publishes nothing for a while.`,
      })
  }
  for (const { name: own, publisher, publications } of variables.pg_subscriptions ?? []) {
    const from = found.get(publisher)
    const published = from ? publicationsOf(from).map(({ name }) => name) : publications
    for (const missing of publications.filter((name) => !published.includes(name)))
      diagnostics.add(
        'inventory',
        `${host}: subscription ${own} takes ${missing}, which ${publisher} does not publish`,
        {
          pos,
          hint: `${publisher} publishes ${published.join(', ') || 'nothing'}`,
        },
      )
  }
}

/** The hosts that one follows, and the variable that says so. */
function followed({ standby_of, subscribes_to, pg_subscriptions }: TopologyVariables) {
  if (standby_of !== undefined) return { name: 'standby_of', hosts: [standby_of] }
  if (!pg_subscriptions) return { name: 'subscribes_to', hosts: subscribes_to ?? [] }
  return { name: 'pg_subscriptions', hosts: new Set(pg_subscriptions.map(({ publisher }) => publisher)) }
}
