/** Extensions of the server's own package, postgresql-N, and the major versions that have them; all where none is said. */
const OWN: Record<string, [from?: number, to?: number]> = Object.fromEntries([
  ...(
    'amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw ' +
    'fuzzystrmatch hstore insert_username intagg intarray isn lo ltree moddatetime pageinspect pg_buffercache ' +
    'pg_freespacemap pg_prewarm pg_stat_statements pg_trgm pg_visibility pgcrypto pgrowlocks pgstattuple plpgsql ' +
    'postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp xml2'
  )
    .split(' ')
    .map((name): [string, []] => [name, []]),
  ['adminpack', [undefined, 16]],
  ['old_snapshot', [14, 16]],
  ['pg_surgery', [14]],
  ['pg_walinspect', [15]],
  ['pg_logicalinspect', [18]],
])

/** Beginnings of names of extensions, and the Debian package of those that other packages bring; N is the version. */
const OTHERS: readonly [RegExp, string][] = [
  [/(^|_)plperlu?$/, 'postgresql-plperl-N'],
  [/(^|_)plpython3u$/, 'postgresql-plpython3-N'],
  [/^pltclu?$/, 'postgresql-pltcl-N'],
  [/^(postgis|address_standardizer)/, 'postgresql-N-postgis-3'],
  [/^pgrouting$/, 'postgresql-N-pgrouting'],
  [/^vector$/, 'postgresql-N-pgvector'],
  [/^pg_cron$/, 'postgresql-N-cron'],
  [/^pg_partman$/, 'postgresql-N-partman'],
  [/^pg_repack$/, 'postgresql-N-repack'],
  [/^hypopg$/, 'postgresql-N-hypopg'],
  [/^pgaudit$/, 'postgresql-N-pgaudit'],
  [/^pglogical$/, 'postgresql-N-pglogical'],
  [/^pgtap$/, 'postgresql-N-pgtap'],
  [/^orafce$/, 'postgresql-N-orafce'],
  [/^(pg_qualstats|pg_stat_kcache|pg_wait_sampling|pg_track_settings|pg_fact_loader)$/, 'postgresql-N-NAME'],
]

/** The Debian package (PGDG's or Debian's own) that brings an extension; null where it is not known. */
export function packageOf(extension: string, major: number): string | null {
  const [from = 0, to = Number.POSITIVE_INFINITY] = OWN[extension] ?? [Number.POSITIVE_INFINITY]
  if (major >= from && major <= to) return `postgresql-${major}`
  const other = OTHERS.find(([pattern]) => pattern.test(extension))?.[1]
  return other?.replace('-N', `-${major}`).replace('NAME', extension.replaceAll('_', '-')) ?? null
}

/** What to type to get it. */
export function installHint(extension: string, major: number): string {
  const known = packageOf(extension, major)
  if (known === `postgresql-${major}`)
    return `It belongs to the server’s own package: apt_install: { name: ${known} }, and look whether /usr/share/postgresql/${major}/extension is whole.`
  if (known) return `Install its package first: apt_install: { name: ${known} }.`
  const word = extension.replace(/^pg_/, '').replaceAll('_', '-')
  return `Install its Debian package first; they are named postgresql-${major}-…: apt-cache search 'postgresql-${major}-.*${word}'`
}
