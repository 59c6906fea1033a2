import { SqlError } from '../../../contract/errors.ts'
import { recordedSettings, type Settings } from '../../../postgres/settings/catalogue.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'

export const ETC = '/etc/postgresql/15/main'
export const DATA = '/var/lib/postgresql/15/main'

/** The lines of Debian's postgresql.conf that count. */
export const POSTGRESQL_CONF = `data_directory = '${DATA}'		# use data in another directory
hba_file = '${ETC}/pg_hba.conf'	# host-based authentication file
port = 5432				# (change requires restart)
max_connections = 100			# (change requires restart)
unix_socket_directories = '/var/run/postgresql'	# comma-separated list of directories
shared_buffers = 128MB			# min 128kB
include_dir = 'conf.d'			# include files ending in '.conf' from
`

export const PG_HBA = `# Database administrative login by Unix domain socket
local   all             postgres                                peer

# TYPE  DATABASE        USER            ADDRESS                 METHOD

# "local" is for Unix domain socket connections only
local   all             all                                     peer
# IPv4 local connections:
host    all             all             127.0.0.1/32            scram-sha-256
host    replication     all             127.0.0.1/32            scram-sha-256
`

export const files = (more: FakeHostOptions['files'] = {}): NonNullable<FakeHostOptions['files']> => ({
  [`${ETC}/postgresql.conf`]: POSTGRESQL_CONF,
  [`${ETC}/pg_hba.conf`]: PG_HBA,
  [`${ETC}/start.conf`]: 'auto\n',
  [`${ETC}/conf.d/.keep`]: '',
  [`${DATA}/PG_VERSION`]: '15\n',
  '/usr/lib/postgresql/15/bin/postgres': '',
  ...more,
})

/** What a server of these files runs with: defaults, then `running` in the server's own units. */
export async function runningSettings(running: Record<string, string> = {}): Promise<Settings> {
  const { settings } = await recordedSettings('15')
  const fromFile = {
    data_directory: DATA,
    hba_file: `${ETC}/pg_hba.conf`,
    port: '5432',
    max_connections: '100',
    shared_buffers: '16384',
    ...running,
  }
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      const value = (fromFile as Record<string, string>)[name]
      return [
        name,
        value === undefined
          ? { ...setting, setting: setting.boot, source: 'default' }
          : { ...setting, setting: value, source: 'configuration file' },
      ]
    }),
  )
}

export const PROBE = 'pg_control_system'
export const primary = {
  data_directory: DATA,
  recovery: false,
  server_version: 150018,
  system_identifier: '7000000000000000001',
}
export const standby = { ...primary, recovery: true }
export const refused = new SqlError('connection refused', '08006')

/** A running Debian cluster. */
export async function running(
  more: {
    files?: FakeHostOptions['files']
    running?: Record<string, string>
    probe?: Record<string, unknown>
    sql?: FakeHostOptions['sql']
  } = {},
): Promise<FakeHostOptions> {
  return {
    files: files(more.files),
    sql: [
      [PROBE, [more.probe ?? primary]],
      ...(more.sql ?? []),
      ['as settings', [{ settings: await runningSettings(more.running), errors: null }]],
      ['pg_hba.conf line', []],
      ['as stale', [{ errors: null, stale: false, loaded_at: '2026-01-01 00:00:00+00' }]],
    ],
  }
}

/** The same, stopped. */
export const stopped = (more: FakeHostOptions['files'] = {}): FakeHostOptions => ({
  files: files(more),
  sql: [[PROBE, refused]],
})
