import { FOLDER } from '../topology/connection.ts'
import { describeDatabases, describeExtensions } from './databases.ts'
import type { ClusterFacts, Neighbour, Said, Variable } from './facts.ts'
import { describePublications, replicatedDatabase } from './publications.ts'
import { describeReplication } from './replication.ts'
import { describeRoles } from './roles.ts'
import { describeRules } from './rules.ts'
import { describeSettings } from './settings.ts'
import { describeTablespaces } from './tablespaces.ts'
import { literal } from './words.ts'

export interface Description {
  host: string
  cluster: string
  variables: Variable[]
  warnings: string[]
}

/** Its certificate is play's, by the authority that the inventory has. */
export const isVerified = ({ certificate }: ClusterFacts, { authority }: Said): boolean =>
  authority && certificate?.startsWith(`${FOLDER}/`) === true

/** The variables that describe a cluster as it is: with them there is nothing to change. Pure. */
export function describeCluster(
  facts: ClusterFacts,
  said: Said,
  neighbours: readonly Neighbour[],
): Description {
  const { host, version, cluster, port, certificate } = facts
  const { variables, warnings } = describeReplication(facts, said, neighbours)
  const tls = certificate === null ? 'It has no certificate, and gets none.' : `${certificate} stays.`
  const described = [
    { name: 'pg_version', value: /^\d+$/.test(version) ? Number(version) : version, notes: [] },
    { name: 'pg_cluster', value: cluster, notes: [] },
    { name: 'pg_port', value: port, notes: [] },
    ...(isVerified(facts, said) ? [] : [{ name: 'pg_tls', value: 'keep', notes: [tls] }]),
    ...database(facts, said),
    ...variables,
    describeSettings(facts),
    ...rules(facts, said),
    // What is in a standby is its primary's.
    ...(facts.standby ? [] : contents(facts, said)),
  ]
  return {
    host,
    cluster: `${version}/${cluster}`,
    variables: described.filter(({ value, notes }) => value !== undefined || notes.length > 0),
    warnings,
  }
}

/** Where rules are left out, none may be removed for that. */
function rules(facts: ClusterFacts, { exclusive }: Said): Variable[] {
  const described = describeRules(facts)
  if (!exclusive || described.notes.length === 0) return [described]
  const notes = ['So that the rules that are left out below stay.']
  return [{ name: 'pg_hba_exclusive', value: false, notes }, described]
}

function database(facts: ClusterFacts, said: Said): Variable[] {
  const value = replicatedDatabase(facts, said)
  return facts.standby || value === said.database.value
    ? []
    : [{ name: said.database.name, value: literal(value), notes: [] }]
}

const contents = (facts: ClusterFacts, said: Said): Variable[] => [
  describeRoles(facts),
  describeTablespaces(facts),
  describeDatabases(facts),
  describeExtensions(facts),
  describePublications(facts, said),
]
