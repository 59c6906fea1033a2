import { withoutEnd } from '../../contract/ends.ts'
import type { HostReader } from '../../contract/host.ts'
import { parseConf } from './conf-file.ts'

const FOLDER = '/etc/postgresql-common'

/** What the package's own createcluster.conf says, for a host where the package is only planned. */
const STOCK: readonly [string, string][] = [
  ['ssl', 'on'],
  ['cluster_name', '%v/%c'],
  ['log_line_prefix', '%%m [%%p] %%q%%u@%%d '],
  ['add_include_dir', 'conf.d'],
]

/** Names that pg_createcluster obeys itself; every other one becomes a line of the new postgresql.conf. */
const OWN = new Set([
  'create_main_cluster',
  'start_conf',
  'data_directory',
  'waldir',
  'xlogdir',
  'initdb_options',
  'ssl',
  'include',
  'include_if_exists',
])

export interface CreateDefaults {
  dataDir: string
  startConf?: string
  ssl: boolean
  /** Lines for postgresql.conf. */
  settings: [name: string, value: string][]
}

/** How the administrator wants new clusters: createcluster.conf and createcluster.d (pg_createcluster(1)). */
export async function createDefaults(
  host: HostReader,
  version: string,
  name: string,
): Promise<CreateDefaults> {
  const [main, names] = await Promise.all([
    host.readFile(`${FOLDER}/createcluster.conf`),
    host.list(`${FOLDER}/createcluster.d`),
  ])
  const paths = (names ?? []).filter((one) => /^[^.].*\.conf$/.test(one))
  const more = await Promise.all(paths.map((one) => host.readFile(`${FOLDER}/createcluster.d/${one}`)))
  const read = (text: string): [string, string][] =>
    parseConf(text).flatMap((line) => (line.name === undefined ? [] : [[line.name, line.value ?? '']]))
  const includes = !main || /^[ \t]*include_dir\b/m.test(main.toString())
  const all = new Map([
    ...(main ? read(main.toString()) : STOCK),
    ...(includes ? more.flatMap((text) => read(text?.toString() ?? '')) : []),
  ])
  all.delete('include_dir')
  const expand = (value: string) =>
    value.replace(/%([vc%])/g, (_, sign) => ({ v: version, c: name, '%': '%' })[sign as 'v' | 'c' | '%'])
  const settings = [...all]
    .filter(([guc]) => !OWN.has(guc) && !(guc === 'stats_temp_directory' && Number(version) >= 15))
    .map(([guc, value]): [string, string] => [guc.replace(/^add_include/, 'include'), expand(value)])
  return {
    dataDir: withoutEnd(expand(all.get('data_directory') || '/var/lib/postgresql/%v/%c'), /\//),
    startConf: all.get('start_conf'),
    ssl: !/^(off|false|no|0)$/i.test(all.get('ssl') || 'on'),
    settings: [...settings.filter(([guc]) => guc !== 'include_dir'), ['include_dir', 'conf.d']],
  }
}
