import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { SqlTarget } from '../../../contract/plan.ts'

const ROOT = '/usr/lib/postgresql'
const version = existsSync(ROOT)
  ? readdirSync(ROOT)
      .filter((name) => existsSync(join(ROOT, name, 'bin/initdb')))
      .sort((a, b) => Number(b) - Number(a))[0]
  : undefined

/** Why there is no PostgreSQL to test with; undefined where there is one. */
export const withoutPostgres =
  version === undefined
    ? 'no PostgreSQL server is installed'
    : userInfo().uid !== 0
      ? 'becoming the user postgres needs root'
      : undefined

export interface TestPostgres {
  target: SqlTarget
  start(): void
  stop(): void
  remove(): void
}

/** A server of our own on a Unix socket alone, with peer authentication, as the user postgres. */
export function startPostgres(): TestPostgres {
  const dir = mkdtempSync(join(tmpdir(), 'play-pg-'))
  chmodSync(dir, 0o777)
  const data = join(dir, 'data')
  const asPostgres = (program: string, ...args: string[]) =>
    execFileSync('runuser', ['-u', 'postgres', '--', join(ROOT, version!, 'bin', program), ...args], {
      cwd: dir,
      stdio: 'ignore',
    })
  asPostgres('initdb', '-D', data, '-A', 'peer', '--no-sync', '--locale=C.UTF-8')
  const options = `-c listen_addresses= -c unix_socket_directories=${dir} -c port=5999 -c fsync=off`
  const server = {
    target: { version: version!, cluster: 'test', port: 5999, socketDir: dir },
    start: () => {
      asPostgres('pg_ctl', '-D', data, '-w', '-l', join(dir, 'log'), '-o', options, 'start')
    },
    stop: () => {
      asPostgres('pg_ctl', '-D', data, '-w', '-m', 'fast', 'stop')
    },
    remove: () => {
      server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  server.start()
  return server
}
