import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { installHint, packageOf } from '../../../postgres/catalog/packages.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'
import { parseConf } from '../../../postgres/conf/conf-file.ts'

/** What the host can make of an extension. */
export interface Available {
  /** null: its package is only planned, so nobody can say. */
  default_version: string | null
  /** Versions that CREATE EXTENSION takes; null: unknown. */
  versions: string[] | null
  /** Pairs that ALTER EXTENSION UPDATE can go between. */
  updates: { source: string; target: string }[]
  /** The schema that it must be in. */
  schema: string | null
  relocatable: boolean
  requires: string[]
}

const AVAILABLE = `select a.default_version,
    (select json_agg(v.version) from pg_available_extension_versions v where v.name = a.name) as versions,
    (select coalesce(json_agg(json_build_object('source', u.source, 'target', u.target)), '[]')
      from pg_extension_update_paths(a.name) u where u.path is not null) as updates,
    d.schema::text as schema, coalesce(d.relocatable, true) as relocatable, coalesce(d.requires, '{}')::text[] as requires
  from pg_available_extensions a
  left join pg_available_extension_versions d on d.name = a.name and d.version = a.default_version
  where a.name = $1`

/** @throws {Refusal} where the host has not got it, naming its package; {UnknownError} where a planned one may bring it */
export async function requireAvailable(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<Available> {
  const found = cluster.fresh
    ? await fromFiles(host, cluster, name)
    : ((
        await host.sql(targetOf(cluster, database.fresh ? 'postgres' : database.name), AVAILABLE, [name])
      )[0] as Available | undefined)
  return found ?? fromPlannedPackage(host, cluster, name)
}

/** Of a cluster that is only planned, but whose server is installed. */
async function fromFiles(host: HostReader, { version }: Cluster, name: string): Promise<Available | null> {
  const folder = `/usr/share/postgresql/${version}/extension`
  const control = await host.readFile(`${folder}/${name}.control`)
  if (!control) return null
  const settings = new Map(parseConf(control.toString()).map((line) => [line.name, line.value]))
  const scripts = scriptsOf(name, (await host.list(folder)) ?? [])
  return {
    default_version: settings.get('default_version') ?? null,
    versions: [...new Set(scripts.map((versions) => versions.at(-1)!))],
    updates: updatesBy(scripts),
    schema: settings.get('schema') ?? null,
    relocatable: /^(true|on|yes|1)$/i.test(settings.get('relocatable') ?? ''),
    requires: (settings.get('requires') ?? '').split(/[\s,]+/).filter((one) => one !== ''),
  }
}

/** NAME--VERSION.sql as [VERSION], and NAME--OLD--NEW.sql as [OLD, NEW] (Packaging Related Objects, 38.17). */
const scriptsOf = (name: string, files: readonly string[]): string[][] =>
  files
    .filter((file) => file.startsWith(`${name}--`) && file.endsWith('.sql'))
    .map((file) => file.slice(name.length + 2, -'.sql'.length).split('--'))

/** Every pair of versions that a chain of these scripts leads between, as pg_extension_update_paths says. */
function updatesBy(scripts: readonly string[][]): Available['updates'] {
  const steps = scripts.filter(({ length }) => length === 2) as [string, string][]
  return [...new Set(steps.map(([source]) => source))].flatMap((source) => {
    const reached = new Set([source])
    for (const from of reached) for (const [old, next] of steps) if (old === from) reached.add(next)
    return [...reached].filter((target) => target !== source).map((target) => ({ source, target }))
  })
}

function fromPlannedPackage(host: HostReader, cluster: Cluster, name: string): Available {
  const major = majorOf(cluster)
  const planned = host.predicted(plannedPackagesKey()) ?? []
  const wanted = packageOf(name, major)
  const refusal = new Refusal(
    `extension "${name}" is not available to cluster ${cluster.version}/${cluster.name} on ${host.name}: there is no ${name}.control`,
    installHint(name, major),
  )
  if (wanted !== null ? !planned.includes(wanted) : planned.length === 0) throw refusal
  if (wanted === null) throw new UnknownError(`whether a planned package brings extension "${name}"`)
  return { default_version: null, versions: null, updates: [], schema: null, relocatable: true, requires: [] }
}
