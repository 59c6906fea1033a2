import type { Database } from '../../postgres/cluster/cluster.ts'
import type { ClusterFacts, Variable } from './facts.ts'
import { accepts, literal } from './words.ts'

/** Each cluster has them. */
const FIRST = new Set(['postgres', 'template0', 'template1'])

export function describeDatabases({ databases }: ClusterFacts): Variable {
  const value: unknown[] = []
  const notes: string[] = []
  for (const { database } of databases) {
    if (FIRST.has(database.name)) continue
    const written = databaseArguments(database)
    const element = accepts('pg_database', written) ? literal(written) : undefined
    if (element === undefined)
      notes.push(`Database ${database.name} is left out: play has no words for it. It stays as it is.`)
    else value.push(element)
  }
  return { name: 'pg_databases', value: value.length > 0 ? value : undefined, notes }
}

function databaseArguments({ name, owner, ...database }: Database): Record<string, unknown> {
  const { encoding, connection_limit, allow_connections, is_template } = database
  return {
    name,
    owner,
    encoding,
    ...localeArguments(database),
    ...(connection_limit === -1 ? {} : { connection_limit }),
    ...(allow_connections ? {} : { allow_connections }),
    ...(is_template ? { is_template } : {}),
  }
}

/** What a new one needs to sort as this one does. */
function localeArguments({
  collate,
  ctype,
  provider,
  provider_locale,
}: Pick<Database, 'collate' | 'ctype' | 'provider' | 'provider_locale'>): Record<string, unknown> {
  if (provider === 'libc')
    return collate === ctype ? { locale: collate } : { lc_collate: collate, lc_ctype: ctype }
  return {
    lc_collate: collate,
    lc_ctype: ctype,
    locale_provider: provider,
    ...(provider_locale === null ? {} : { [`${provider}_locale`]: provider_locale }),
  }
}

export function describeExtensions({ databases }: ClusterFacts): Variable {
  const value: unknown[] = []
  const notes: string[] = []
  for (const { database, extensions, unread } of databases) {
    if (unread !== undefined) notes.push(`What is in database ${database.name} is left out: ${unread}`)
    for (const { name, schema } of extensions) {
      // Each database has it.
      if (name === 'plpgsql') continue
      const written = { name, db: database.name, schema }
      const element = accepts('pg_extension', written) ? literal(written) : undefined
      if (element === undefined)
        notes.push(`Extension ${name} of database ${database.name} is left out: play has no words for it.`)
      else value.push(element)
    }
  }
  return { name: 'pg_extensions', value: value.length > 0 ? value : undefined, notes }
}
