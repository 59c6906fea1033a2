import type { HostReader } from '../../../contract/host.ts'
import { publicationKey } from '../../../postgres/catalog/publication.ts'
import { slotKey } from '../../../postgres/catalog/slot.ts'
import type { Subscription } from '../../../postgres/catalog/subscription.ts'
import { tableKey } from '../../../postgres/catalog/table.ts'
import type { ClusterId } from '../../../postgres/cluster/facts.ts'
import type { Conninfo } from '../../../postgres/conninfo.ts'
import type { Publisher } from '../../../postgres/subscription/publisher.ts'

type Published = Publisher['tables'][number]
type Known = Pick<Publisher, 'tables' | 'publications' | 'slot' | 'cluster_name'>

/** Of one that cannot be asked yet nothing is known but what is planned. */
export const UNASKED: Known = { tables: [], publications: [], slot: null }

/** The publisher as earlier tasks of this check make it: the one publication, the columns of its tables, and the slot. */
export function asPlanned<P extends Known>(
  host: HostReader,
  here: ClusterId,
  conninfo: Conninfo,
  { publications, slot_name }: Subscription,
  publisher: P,
): P {
  const { host: address = '', dbname = '' } = conninfo
  const there = clusterOf(publisher) ?? here
  const [name] = publications
  const made = slot_name === null ? undefined : host.predictedOn(address, slotKey(there, slot_name))
  // Nobody has used it by then.
  const slot = made
    ? { ...made, active: false, active_pid: null, sent: 0 }
    : made === null
      ? null
      : publisher.slot
  const planned = host.predictedOn(address, publicationKey(there, dbname, name!))
  const withColumns = (table: Published, listed: string[] | null = null): Published => {
    const planned = host.predictedOn(address, tableKey(there, dbname, table.schema, table.table))
    const columns = listed ?? planned?.columns.map((column) => column.name)
    return columns ? { ...table, columns } : table
  }
  if (publications.length > 1 || !planned || planned.all_tables || planned.schemas.length > 0)
    return { ...publisher, slot, tables: publisher.tables.map((table) => withColumns(table)) }
  const tables = planned.tables.map((published) => {
    const isSame = (one: Published) => one.schema === published.schema && one.table === published.name
    // What is published only now may have its grants only now.
    const found = publisher.tables.find(isSame)
    return withColumns(
      found ?? { schema: published.schema, table: published.name, readable: true },
      published.columns,
    )
  })
  return { ...publisher, publications, slot, tables }
}

/** Debian writes `cluster_name = '15/main'` into the configuration of every cluster (pg_createcluster(1)). */
function clusterOf({ cluster_name }: Known): ClusterId | undefined {
  const [, version, name] = /^(\d+)\/(.+)$/.exec(cluster_name ?? '') ?? []
  return version === undefined ? undefined : { version, name: name! }
}
