import { describe, expect, it } from 'vitest'
import { parseConf } from '../../../postgres/conf/conf-file.ts'
import { debianFiles } from '../../../postgres/conf/debian-files.ts'
import { parseHba } from '../../../postgres/hba/parse.ts'
import { fakeHost } from '../../support/fake-host.ts'

const options = {
  version: '15',
  name: 'main',
  port: 5433,
  dataDir: '/var/lib/postgresql/15/main',
  configDir: '/etc/postgresql/15/main',
  socketDir: '/var/run/postgresql',
  locale: 'C.UTF-8',
  startConf: 'auto' as const,
}

// The lines that a real pg_createcluster of postgresql-common 248 leaves uncommented.
const RECORDED = {
  data_directory: '/var/lib/postgresql/15/main',
  hba_file: '/etc/postgresql/15/main/pg_hba.conf',
  ident_file: '/etc/postgresql/15/main/pg_ident.conf',
  external_pid_file: '/var/run/postgresql/15-main.pid',
  port: '5433',
  max_connections: '100',
  unix_socket_directories: '/var/run/postgresql',
  ssl: 'on',
  ssl_cert_file: '/etc/ssl/certs/ssl-cert-snakeoil.pem',
  ssl_key_file: '/etc/ssl/private/ssl-cert-snakeoil.key',
  shared_buffers: '128MB',
  dynamic_shared_memory_type: 'posix',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  log_line_prefix: '%m [%p] %q%u@%d ',
  log_timezone: 'Etc/UTC',
  cluster_name: '15/main',
  datestyle: 'iso, mdy',
  timezone: 'Etc/UTC',
  lc_messages: 'C.UTF-8',
  lc_monetary: 'C.UTF-8',
  lc_numeric: 'C.UTF-8',
  lc_time: 'C.UTF-8',
  default_text_search_config: 'pg_catalog.english',
  include_dir: 'conf.d',
}
const values = (text: string) =>
  Object.fromEntries(parseConf(text).flatMap(({ name, value }) => (name ? [[name, value]] : [])))
const tls = {
  '/etc/ssl/certs/ssl-cert-snakeoil.pem': '',
  '/etc/ssl/private/ssl-cert-snakeoil.key': { group: 'ssl-cert' },
  '/etc/group': 'ssl-cert:x:103:postgres\n',
}

describe('the configuration of a new Debian cluster', () => {
  it('is what pg_createcluster writes, also where the package is only planned', async () => {
    const { postgresqlConf } = await debianFiles(fakeHost({ files: tls }), options)
    expect(values(postgresqlConf)).toEqual(RECORDED)
  })

  it('has no TLS without a certificate that postgres can read', async () => {
    const { postgresqlConf } = await debianFiles(fakeHost(), options)
    expect(values(postgresqlConf).ssl).toBeUndefined()
  })

  it('keeps the comments of the sample', async () => {
    const sample =
      "#port = 5432\t\t\t\t# (change requires restart)\n#include_dir = '...'\t\t\t# include files\n#portal = 1\n"
    const host = fakeHost({ files: { '/usr/share/postgresql/15/postgresql.conf.sample': sample } })
    const { postgresqlConf } = await debianFiles(host, options)
    expect(postgresqlConf).toContain("port = '5433'\t\t\t\t# (change".replaceAll("'", ''))
    expect(postgresqlConf).toContain("include_dir = 'conf.d'\t\t\t# include files\n#portal = 1\n")
  })

  it('lets in postgres first, then as initdb does', async () => {
    const { pgHba } = await debianFiles(fakeHost(), options)
    const rules = parseHba(pgHba, 15).flatMap(({ rule, raw }) => (rule ? [raw.replace(/\s+/g, ' ')] : []))
    expect(rules).toEqual([
      'local all postgres peer',
      'local all all peer',
      'host all all 127.0.0.1/32 scram-sha-256',
      'host all all ::1/128 scram-sha-256',
      'local replication all peer',
      'host replication all 127.0.0.1/32 scram-sha-256',
      'host replication all ::1/128 scram-sha-256',
    ])
  })
})
