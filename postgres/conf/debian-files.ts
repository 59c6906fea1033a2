import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { quoteConf } from './conf-file.ts'
import { type CreateDefaults, createDefaults } from './create-defaults.ts'
import { commentOf } from './edit.ts'
import { type StartConf, startConfText } from './start-conf.ts'

/** The configuration that Debian gives a new cluster. */
export interface DebianFiles {
  postgresqlConf: string
  pgHba: string
  pgIdent: string
  startConf: string
}

export interface DebianOptions {
  version: string
  name: string
  port: number
  dataDir: string
  configDir: string
  socketDir: string
  locale: string
  startConf: StartConf
}

/**
 * What initdb and pg_createcluster would write, from the samples of the server package where it is installed, and
 * from the lines that take effect where it is only planned.
 */
export async function debianFiles(host: HostReader, options: DebianOptions): Promise<DebianFiles> {
  const samples = `/usr/share/postgresql/${options.version}`
  const [conf, hba, ident, timezone, snakeOil, defaults] = await Promise.all([
    host.readFile(`${samples}/postgresql.conf.sample`),
    host.readFile(`${samples}/pg_hba.conf.sample`),
    host.readFile(`${samples}/pg_ident.conf.sample`),
    host.readFile('/etc/timezone'),
    hasSnakeOil(host),
    createDefaults(host, options.version, options.name),
  ])
  return {
    postgresqlConf: postgresqlConf(conf?.toString() ?? '', {
      ...options,
      timezone: timezone?.toString().trim() || 'Etc/UTC',
      tls: snakeOil && defaults.ssl,
      settings: defaults.settings,
    }),
    pgHba: pgHba(hba?.toString() ?? HBA_SAMPLE, options.version),
    pgIdent: ident?.toString() ?? '',
    startConf: startConfText(options.startConf),
  }
}

/** The same for a cluster that is only planned so far. */
export const debianFilesOf = (host: HostReader, cluster: Cluster): Promise<DebianFiles> =>
  debianFiles(host, { ...cluster, locale: 'C.UTF-8', startConf: 'auto' })

/** pg_createcluster switches ssl on where Debian's self-signed certificate can be read by the server. */
async function hasSnakeOil(host: HostReader): Promise<boolean> {
  const [cert, key, groups] = await Promise.all([
    host.stat('/etc/ssl/certs/ssl-cert-snakeoil.pem'),
    host.stat('/etc/ssl/private/ssl-cert-snakeoil.key'),
    host.readFile('/etc/group'),
  ])
  if (!cert || !key) return false
  const members = groups?.toString().match(/^ssl-cert:[^:]*:[^:]*:(.*)$/m)?.[1] ?? ''
  return key.group === 'ssl-cert' && members.split(',').includes('postgres')
}

interface Known extends DebianOptions {
  timezone: string
  tls: boolean
  settings: CreateDefaults['settings']
}

function postgresqlConf(sample: string, known: Known): string {
  const { version, name, configDir, locale, timezone } = known
  const tls: [string, string][] = [
    ['ssl', 'on'],
    ['ssl_cert_file', "'/etc/ssl/certs/ssl-cert-snakeoil.pem'"],
    ['ssl_key_file', "'/etc/ssl/private/ssl-cert-snakeoil.key'"],
  ]
  const lines: [string, string][] = [
    ['data_directory', quoteConf(known.dataDir)],
    ['hba_file', quoteConf(`${configDir}/pg_hba.conf`)],
    ['ident_file', quoteConf(`${configDir}/pg_ident.conf`)],
    ['external_pid_file', quoteConf(`/var/run/postgresql/${version}-${name}.pid`)],
    ['port', String(known.port)],
    ['max_connections', '100'],
    ['unix_socket_directories', quoteConf(known.socketDir)],
    ...(known.tls ? tls : []),
    ['shared_buffers', '128MB'],
    ['dynamic_shared_memory_type', 'posix'],
    ['max_wal_size', '1GB'],
    ['min_wal_size', '80MB'],
    ['log_timezone', quoteConf(timezone)],
    ['datestyle', "'iso, mdy'"],
    ['timezone', quoteConf(timezone)],
    ...['lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time'].map((one): [string, string] => [
      one,
      quoteConf(locale),
    ]),
    ['default_text_search_config', "'pg_catalog.english'"],
    ...known.settings.map(([setting, value]): [string, string] => [setting, quoteConf(value)]),
  ]
  return lines.reduce((text, [setting, value]) => assign(text, setting, value), sample)
}

/** Takes the comment sign off the sample's line, as Debian's scripts do; adds the line where the sample has none. */
function assign(text: string, name: string, value: string): string {
  const line = new RegExp(`^#?${name} *=.*$`, 'm')
  const found = line.exec(text)
  if (!found) return `${text}${name} = ${value}\n`
  return text.replace(line, () => `${name} = ${value}${commentOf(found[0].replace(/^#/, ''))}`)
}

const SUPERUSER = `# DO NOT DISABLE!
# If you change this first entry you will need to make sure that the
# database superuser can access the database using some other method.
# Noninteractive access to all databases is required during automatic
# maintenance (custom daily cronjobs, replication, and similar tasks).
#
# Database administrative login by Unix domain socket
local   all             postgres                                peer
`

/** initdb fills in the methods; pg_createcluster puts the superuser's line before the first. */
function pgHba(sample: string, version: string): string {
  const host = Number(version) >= 14 ? 'scram-sha-256' : 'md5'
  return sample
    .replaceAll('@remove-line-for-nolocal@', '')
    .replaceAll('@authmethodlocal@', 'peer')
    .replaceAll('@authmethodhost@', host)
    .replaceAll('@authcomment@', '')
    .replace(/^#.*TYPE\s+DATABASE.*$/m, (line) => `\n${SUPERUSER}\n${line}`)
}

const HBA_SAMPLE = `# TYPE  DATABASE        USER            ADDRESS                 METHOD

local   all             all                                     @authmethodlocal@
host    all             all             127.0.0.1/32            @authmethodhost@
host    all             all             ::1/128                 @authmethodhost@
local   replication     all                                     @authmethodlocal@
host    replication     all             127.0.0.1/32            @authmethodhost@
host    replication     all             ::1/128                 @authmethodhost@
`
