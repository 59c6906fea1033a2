import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../../../../postgres/cluster/cluster.ts'

/** Where each version's bin/ is; another place holds versions that this machine's packages do not bring. */
const ROOT = process.env.PLAY_TEST_POSTGRES ?? '/usr/lib/postgresql'

/** The newest PostgreSQL there; null where there is none, or where it cannot be run (not root). */
export const VERSION: string | null = (() => {
  if (process.getuid?.() !== 0 || !existsSync(ROOT)) return null
  const found = readdirSync(ROOT).filter((version) => existsSync(join(ROOT, version, 'bin/postgres')))
  return found.sort((a, b) => Number(b) - Number(a))[0] ?? null
})()

export const PSQL = join(ROOT, VERSION ?? '', 'bin/psql')

const asPostgres = (program: string, ...args: string[]): string =>
  execFileSync('runuser', ['-u', 'postgres', '--', join(ROOT, VERSION!, 'bin', program), ...args], {
    encoding: 'utf8',
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** One that nobody listens on: another run of these tests may be at work beside. */
const freePort = (): number =>
  Number(
    execFileSync(process.execPath, [
      '-e',
      "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })",
    ]),
  )

/** A throw-away server in a temporary folder, on loopback alone. */
export class Scratch {
  readonly dir: string
  readonly port: number
  readonly cluster: Cluster

  /** @param copyOf makes it a standby of that server, through slot `name` there */
  constructor(
    readonly name: string,
    copyOf?: Scratch,
  ) {
    this.port = freePort()
    this.dir = mkdtempSync(join(tmpdir(), `play-${name}-`))
    execFileSync('chown', ['postgres:', this.dir])
    const data = join(this.dir, 'data')
    if (copyOf)
      asPostgres('pg_basebackup', '-D', data, '-R', '-C', '-S', name, '-c', 'fast', '-d', copyOf.conninfo)
    else asPostgres('initdb', '-D', data, '-A', 'trust', '-N', '--locale=C.UTF-8', '-E', 'UTF8')
    appendFileSync(join(data, 'postgresql.conf'), this.#settings())
    if (!copyOf) writeFileSync(join(data, 'pg_hba.conf'), HBA)
    this.start()
    this.cluster = {
      version: VERSION!,
      name,
      port: this.port,
      dataDir: data,
      configDir: data,
      socketDir: this.dir,
      running: true,
      recovery: copyOf !== undefined,
      serverVersion: Number(this.psql('show server_version_num')),
      systemIdentifier: this.psql('select system_identifier from pg_control_system()'),
    }
  }

  get conninfo(): string {
    return `host=${this.dir} port=${this.port} user=postgres`
  }

  psql(text: string, db = 'postgres', user = 'postgres'): string {
    return asPostgres(
      'psql',
      '-XAtqw',
      '-v',
      'ON_ERROR_STOP=1',
      '-d',
      `host=${this.dir} port=${this.port} user='${user}' dbname='${db}'`,
      '-c',
      text,
    ).trim()
  }

  log(): string {
    return readFileSync(join(this.dir, 'log'), 'utf8')
  }

  /** A session that stays open after these statements, until it is ended. */
  async session(text: string): Promise<{ end(): void }> {
    const child = spawn(PSQL, ['-XAtq', '-d', `${this.conninfo} dbname=postgres`], { stdio: 'pipe' })
    child.stdin.write(`${text};\n\\echo open\n`)
    for await (const said of child.stdout) if (String(said).includes('open')) break
    return { end: () => void child.kill() }
  }

  start(): void {
    asPostgres('pg_ctl', '-D', join(this.dir, 'data'), '-l', join(this.dir, 'log'), '-w', 'start')
  }
  stop(): void {
    asPostgres('pg_ctl', '-D', join(this.dir, 'data'), '-m', 'immediate', '-w', 'stop')
  }

  remove(): void {
    this.stop()
    rmSync(this.dir, { recursive: true })
  }

  #settings(): string {
    return `port = ${this.port}
unix_socket_directories = '${this.dir}'
listen_addresses = '127.0.0.1'
wal_level = logical
wal_retrieve_retry_interval = 100ms
fsync = off
shared_buffers = 16MB
`
  }
}

const HBA = `local all all trust
local replication all trust
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`
