import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { plannedPackagesKey } from '../../contract/shared-facts.ts'
import { packageOf } from '../catalog/packages.ts'
import { majorOf } from '../catalog/version.ts'
import type { Cluster } from '../cluster/cluster.ts'

/** Settings that name libraries, without one of which the server, or a session, does not start (20.11.4). */
const LISTS = ['shared_preload_libraries', 'session_preload_libraries', 'local_preload_libraries']

/**
 * Each library that the wanted settings have loaded is on the host, or comes with a planned package.
 * @throws {Refusal} naming those that are not, and their packages: the server would not start again
 */
export async function requireLibraries(
  host: HostReader,
  cluster: Cluster,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const named = Object.entries(settings).flatMap(([name, value]) =>
    LISTS.includes(name.toLowerCase()) && typeof value === 'string' ? namesIn(value) : [],
  )
  if (named.length === 0 || 'dynamic_library_path' in settings) return
  const major = majorOf(cluster)
  const planned = host.predicted(plannedPackagesKey()) ?? []
  const stats = await Promise.all(named.map((name) => host.stat(pathOf(name, cluster))))
  const missing = [...new Set(named)].filter((name) => {
    const from = packageOf(name, major)
    const comes = from === null ? planned.length > 0 : planned.includes(from)
    return stats[named.indexOf(name)] === null && !comes
  })
  if (missing.length === 0) return
  const packages = missing.map(
    (name) => packageOf(name, major) ?? `the package of ${name} (apt-cache search 'postgresql-${major}-')`,
  )
  throw new Refusal(
    `${host.name} has no library ${missing.join(', ')}: cluster ${cluster.version}/${cluster.name} would not start again`,
    `install it first: apt_install: { name: [${[...new Set(packages)].join(', ')}] }`,
    missing.map((name) => `${pathOf(name, cluster)} is missing`),
  )
}

/**
 * A comma-separated list; names with odd characters stand in double quotes. They are paths: unlike names of other lists
 * (list-quoted.ts) they keep their capitals.
 */
const namesIn = (list: string): string[] =>
  (list.match(/"(?:[^"]|"")*"|[^,\s"]+/g) ?? [])
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
    .filter((name) => name !== '')

function pathOf(name: string, { version }: Cluster): string {
  const plain = name.replace(/^\$libdir\//, '')
  const path = plain.startsWith('/') ? plain : `/usr/lib/postgresql/${version}/lib/${plain}`
  return path.endsWith('.so') ? path : `${path}.so`
}
