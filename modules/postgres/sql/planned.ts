import type { FactGroup } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { extensionKey } from '../../../postgres/catalog/extension.ts'
import { publicationKey } from '../../../postgres/catalog/publication.ts'
import { roleKey } from '../../../postgres/catalog/role.ts'
import { schemaKey } from '../../../postgres/catalog/schema.ts'
import { tableKey } from '../../../postgres/catalog/table.ts'
import { type Cluster, databaseKey } from '../../../postgres/cluster/cluster.ts'
import { hbaKey } from '../../../postgres/hba/fact.ts'
import { wordsOf } from '../../../postgres/sql/statements.ts'

const isPredicted = <T>(host: HostReader, group: FactGroup<T>): boolean => host.predictions(group).length > 0

/** Catalogues, and whether earlier tasks of this check change what is in them. */
const CATALOGUES: readonly [
  words: readonly string[],
  isChanged: (host: HostReader, cluster: Cluster, db: string) => boolean,
][] = [
  [
    ['pg_roles', 'pg_authid', 'pg_user', 'pg_shadow', 'pg_auth_members'],
    (host, cluster) => isPredicted(host, roleKey.under(cluster)),
  ],
  [['pg_database'], (host, cluster) => isPredicted(host, databaseKey.under(cluster))],
  [['pg_namespace', 'schemata'], (host, cluster, db) => isPredicted(host, schemaKey.under(cluster, db))],
  [
    ['pg_class', 'pg_tables', 'pg_attribute', 'tables', 'columns', 'to_regclass'],
    (host, cluster, db) => isPredicted(host, tableKey.under(cluster, db)),
  ],
  [['pg_extension'], (host, cluster, db) => isPredicted(host, extensionKey.under(cluster, db))],
  [
    ['pg_publication', 'pg_publication_tables', 'pg_publication_rel'],
    (host, cluster, db) => isPredicted(host, publicationKey.under(cluster, db)),
  ],
  [
    ['pg_hba_file_rules'],
    (host, cluster) =>
      isPredicted(host, hbaKey.under(cluster)) ||
      host.predicted(fileKey(`${cluster.configDir}/pg_hba.conf`)) !== undefined,
  ],
]

/**
 * The catalogue that a query reads although earlier tasks of this check will change what is in it: what the server
 * answers now is not what it will. undefined: there is none.
 */
export function catalogueToCome(
  host: HostReader,
  cluster: Cluster,
  db: string,
  query: string,
): string | undefined {
  const words = new Set(wordsOf(query))
  const named = CATALOGUES.filter(([, isChanged]) => isChanged(host, cluster, db)).flatMap(([names]) => names)
  return named.find((name) => words.has(name))
}
