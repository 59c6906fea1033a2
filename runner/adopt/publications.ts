import { writeQualified } from '../../postgres/catalog/names.ts'
import type { ClusterFacts, NamedPublication, Said, Variable } from './facts.ts'
import { accepts, literal } from './words.ts'

/** The one database whose publications and subscriptions variables can say: what the inventory says, or the fullest. */
export function replicatedDatabase({ databases, subscriptions }: ClusterFacts, { database }: Said): string {
  const counts = new Map<string, number>()
  const add = (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count)
  for (const { database, publications } of databases) add(database.name, publications.length)
  for (const one of subscriptions) add(one.database, 1)
  if (database.isSaid && (counts.get(database.value) ?? 0) > 0) return database.value
  const [fullest] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return fullest !== undefined && fullest[1] > 0 ? fullest[0] : database.value
}

/** Its publications that variables can say, and what is said of the others. */
export function describePublications(facts: ClusterFacts, said: Said): Variable {
  const name = 'pg_publications'
  const chosen = replicatedDatabase(facts, said)
  const notes: string[] = []
  const value: Record<string, unknown>[] = []
  const isLogical = runningValue(facts, 'wal_level') === 'logical'
  for (const { database, publications } of facts.databases)
    for (const publication of publications) {
      const what = `Publication ${publication.name} of database ${database.name} is left out`
      const written = publicationArguments(publication)
      const element = accepts('pg_publication', written) ? literal(written) : undefined
      if (said.publishes) notes.push(`${what}: the inventory says publishes.`)
      else if (database.name !== chosen)
        notes.push(`${what}: pg_replicated_database names one database, ${chosen}. It stays as it is.`)
      else if (!isLogical)
        notes.push(
          `${what}: wal_level is not logical, so that nobody can subscribe to it. It stays as it is.`,
        )
      else if (element === undefined) notes.push(`${what}: play has no words for it. It stays as it is.`)
      else value.push(element as Record<string, unknown>)
    }
  return { name, value: value.length > 0 ? value : undefined, notes }
}

const runningValue = ({ conf: { settings } }: ClusterFacts, name: string): string | undefined =>
  settings[name]?.setting

const ALL = ['insert', 'update', 'delete', 'truncate']

function publicationArguments(one: NamedPublication): Record<string, unknown> {
  const tables = one.tables.map(({ columns, where, ...table }) => {
    const name = writeQualified(table)
    if (columns === null && where === null) return name
    return { name, ...(columns === null ? {} : { columns }), ...(where === null ? {} : { where }) }
  })
  return {
    name: one.name,
    ...(one.all_tables ? { all_tables: true } : {}),
    ...(one.all_tables || (tables.length === 0 && one.schemas.length > 0) ? {} : { tables }),
    ...(one.schemas.length > 0 ? { schemas: one.schemas } : {}),
    ...(one.publish.join() === ALL.join() ? {} : { publish: one.publish }),
    ...(one.publish_via_partition_root ? { publish_via_partition_root: true } : {}),
    ...(one.publish_generated_columns === 'stored' ? { publish_generated_columns: 'stored' } : {}),
    ...(one.owner === 'postgres' ? {} : { owner: one.owner }),
  }
}
