import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import type { Extension } from '../../../postgres/catalog/extension.ts'
import { installHint, packageOf } from '../../../postgres/catalog/packages.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import type { Thing } from './compare.ts'

const TABLESPACES = `select spcname as name, quote_ident(spcname) as quoted, pg_tablespace_location(oid) as location
  from pg_tablespace where spcname !~ '^pg_' order by 1`

/**
 * Clusters of two versions share the folder of a tablespace: each has one of its own in it (CREATE TABLESPACE).
 * @throws {Refusal} where the folder of the target's version is there already
 */
export async function requireTablespaces(
  host: HostReader,
  source: Cluster,
  target: Cluster,
  present: readonly Thing[],
): Promise<void> {
  const found = await host.sql(targetOf(source), TABLESPACES)
  const missing = found.filter(({ quoted }) => !present.some(({ what }) => what === `tablespace ${quoted}`))
  const taken = await Promise.all(
    missing.map(async ({ name, location }) => {
      const inUse = (await host.list(location))?.find((one) => one.startsWith(`PG_${majorOf(target)}_`))
      return inUse === undefined ? [] : [`tablespace ${name}: ${location}/${inUse} is there`]
    }),
  )
  if (taken.flat().length === 0) return
  throw new Refusal(
    `cluster ${target.version}/${target.name} cannot have the tablespaces of ${source.version}/${source.name}: their folders hold those of another cluster of its version`,
    'If no cluster uses that folder any more, move it aside. Two clusters of one version cannot share a tablespace.',
    taken.flat(),
  )
}

/** @throws {Refusal} where the host has no such extension for the target's version */
export async function requireExtensions(
  host: HostReader,
  target: Cluster,
  extensions: readonly Extension[],
): Promise<void> {
  const major = majorOf(target)
  const planned = host.predicted(plannedPackagesKey()) ?? []
  const isMissing = async ({ name }: Extension): Promise<boolean> => {
    const brings = packageOf(name, major)
    if (brings !== null && planned.includes(brings)) return false
    return (await host.stat(`/usr/share/postgresql/${major}/extension/${name}.control`)) === null
  }
  const missing = await Promise.all(extensions.map(isMissing))
  const names = extensions.filter((_, at) => missing[at]).map(({ name }) => name)
  if (names.length === 0) return
  throw new Refusal(
    `${host.name} has no extension ${names.join(', ')} for PostgreSQL ${major}`,
    [...new Set(names.map((name) => installHint(name, major)))].join(' '),
  )
}
