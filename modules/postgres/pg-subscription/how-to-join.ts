import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { missing } from '../../../postgres/catalog/missing.ts'
import type { Subscription } from '../../../postgres/catalog/subscription.ts'
import type { Cluster, Database } from '../../../postgres/cluster/cluster.ts'
import type { Conninfo } from '../../../postgres/conninfo.ts'
import type { Publisher } from '../../../postgres/subscription/publisher.ts'
import { decideJoining, type Joining, joiningAsTold } from './joining.ts'
import type { SubscriptionParams } from './params.ts'
import { emptiedWith } from './replaceable.ts'
import { readHeld, type Sent } from './rows.ts'

interface Place {
  cluster: Cluster
  database: Database
  /** How it reaches the publisher. */
  conninfo: Conninfo
}

/**
 * How the publisher's tables that the subscription does not have yet are to join it.
 * @throws {Refusal} where both sides hold rows, and nobody said what shall become of them
 */
export async function howToJoin(
  host: HostReader,
  { cluster, database, conninfo }: Place,
  publisher: Publisher,
  has: Subscription | null,
  params: SubscriptionParams,
): Promise<Joining> {
  const told = joiningAsTold(params, !has)
  if (told) return told
  const tables = joiningTables(publisher, has)
  const compare = params.filled_tables === 'compare'
  const held = await readHeld(host, cluster, database, conninfo, tables, compare)
  try {
    const decided = decideJoining(held, params, `database "${database.name}" on ${host.name}`)
    return { ...decided, with: await emptiedWith(host, cluster, database, decided.replace, tables) }
  } catch (error) {
    throw error instanceof Refusal ? missing(host, cluster, database.name, error) : error
  }
}

const joiningTables = ({ tables }: Publisher, has: Subscription | null): Sent[] =>
  tables
    .filter(({ schema, table }) => has?.tables[`${schema}.${table}`] === undefined)
    .map(({ schema, table, columns, filter }) => ({ schema, name: table, columns, filter }))
