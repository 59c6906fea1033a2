import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountLines, accountsOf, losses } from '../support/accounts.ts'
import { messages } from '../support/converged.ts'
import { exchanged } from '../support/exchanged.ts'
import { endReceiver } from '../support/guests.ts'
import {
  command,
  eventually,
  inventory,
  named,
  onHost,
  type Played,
  play,
  playJson,
  root,
  sqlOn,
} from '../support/play.ts'
import { stopInRecovery } from '../support/stop-in-recovery.ts'
import { Writer } from '../support/writer.ts'

/** Numbers of rows that no other test uses. */
const FIRST = 6_200_000
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const DATA = '/var/lib/postgresql/15/main'
const after = exchanged('vm3', 'vm4')

const run = (playbook: string, inventory: string, ...more: string[]): Promise<Played> =>
  playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...more])
const statuses = (played: Played): string[] =>
  played.results.map(({ task, host, item, status }) => `${task} | ${host} | ${item} | ${status}`).sort()
const failures = (played: Played): string =>
  played.results
    .filter(({ status, ignored }) => status === 'failed' && !ignored)
    .map(({ error }) => [error?.message, error?.hint, ...(error?.details ?? [])].join('\n'))
    .join('\n')
const changed = (played: Played): string =>
  played.results.flatMap(({ changes }) => (changes ?? []).map(({ path }) => path)).join('\n')
const notes = (played: Played): string => played.results.flatMap((result) => result.notes ?? []).join('\n')

async function done(played: Played | Promise<Played>): Promise<Played> {
  const { code } = await played
  expect(failures(await played)).toBe('')
  expect(code).toBe(0)
  return played
}

/** The check refuses what the run refuses, and neither changes anything. */
async function refused(playbook: string, inventory: string, ...more: string[]): Promise<string> {
  const check = await run(playbook, inventory, ...more, '--check')
  const real = await run(playbook, inventory, ...more)
  expect(real.code).toBe(2)
  expect(named(real, 'changed')).toEqual([])
  expect(statuses(check)).toEqual(statuses(real))
  return failures(real)
}

async function foretold(playbook: string, inventory: string, ...more: string[]): Promise<Played> {
  const check = await run(playbook, inventory, ...more, '--check')
  const real = await done(run(playbook, inventory, ...more))
  expect(statuses(check)).toEqual(statuses(real))
  return real
}

/** `play` itself is killed when a step is about to begin. */
async function killedAt(step: string, playbook: string, inventory: string, ...more: string[]): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'play-rejoin-'))
  const names = join(scratch, 'steps')
  const program = ['--import', 'tsx', join(root, 'test/kill-points/until.ts'), step, 'kill', names]
  await command([process.execPath, ...program, `playbooks/${playbook}.yaml`, '-i', inventory, ...more])
  const begun = existsSync(names) ? readFileSync(names, 'utf8') : ''
  rmSync(scratch, { recursive: true })
  expect(begun).toContain('kill!')
}

const isPrimary = async (host: string): Promise<void> => {
  try {
    await eventually(
      `${host} to be a primary`,
      async () => (await sqlOn(host, 'select pg_is_in_recovery()').catch(() => '')) === 'f',
    )
  } catch (error) {
    throw new Error(`${error}\n${await whyNot(host)}`)
  }
}

/** What a server says that does not come up. */
const whyNot = (host: string): Promise<string> =>
  onHost(
    host,
    'pg_lsclusters; tail -n 30 /var/log/postgresql/*.log; journalctl --no-pager -n 20 -u postgresql@15-main; ls -la /etc/postgresql/15/main; ps -eo pid,user,args',
  )
const READS = "select has_function_privilege('replicator', 'pg_read_binary_file(text)', 'execute')"
const beside = async (host: string): Promise<string[]> =>
  (await onHost(host, `ls -d ${DATA}?* 2>/dev/null || true`)).split('\n').filter((name) => name !== '')

/** Power gone, its standby takes over, and the host is switched on again: nobody could fence it meanwhile. */
async function splitBrain(old: string, standby: string, before: string): Promise<void> {
  await command(['lab/lab', 'kill', old])
  await done(
    run(
      'failover',
      before,
      '-e',
      `new_primary=${standby}`,
      '-e',
      'lost_writes=accept',
      '-e',
      'lost_changes=recopy',
    ),
  )
  await command(['lab/lab', 'start', old])
  await isPrimary(old)
}

/** Writes of its own, a crash, and a stop in the middle of the recovery from it. */
async function stoppedInRecovery(host: string): Promise<void> {
  await sqlOn(host, "create table own_big as select g, repeat('x', 500) from generate_series(1, 400000) g")
  const said = await stopInRecovery(host)
  expect(said).toMatch(/cluster state: *shut down in recovery/)
  expect(said).toMatch(/Minimum recovery ending location: *0\/0/)
}

describe('a former primary comes back', () => {
  const writers = [new Writer('vm1', 'test', FIRST), new Writer('vm2', 'test2', FIRST)]

  const clearAway = async () => {
    for (const host of ['vm3', 'vm4'])
      await onHost(host, `rm -rf ${DATA}.before-rewind-* ${DATA}.replaced-by-play-* ${DATA}.discarded-*`)
  }

  beforeAll(async () => {
    await done(run('site', inventory))
    await clearAway()
    await sqlOn('vm3', 'create table own_rows (id int primary key, note text, r text)')
    await sqlOn('vm3', "insert into own_rows select g, 'before' from generate_series(1, 10) g")
    for (const writer of writers) writer.start()
  }, 900_000)
  afterAll(async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    await command(['lab/lab', 'up'])
    await clearAway()
  })

  it('a failover is refused where nobody can tell what own clients lose, with the position and time', async () => {
    await eventually(
      'the own rows on vm4',
      async () => (await sqlOn('vm4', 'select count(*) from own_rows')) === '10',
    )
    await command(['lab/lab', 'kill', 'vm3'])
    const why = await refused('failover', inventory, '-e', 'new_primary=vm4')
    expect(why).toMatch(/vm3 cannot be reached/)
    expect(why).toMatch(
      /vm4 has received everything up to [0-9A-F]+\/[0-9A-F]+; its last transaction is of 20\d\d-/,
    )
    expect(why).toContain('lost_writes=accept')
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('t')
    await command(['lab/lab', 'start', 'vm3'])
    await isPrimary('vm3')
    await eventually(
      'vm4 to stream',
      async () => (await sqlOn('vm4', 'select status from pg_stat_wal_receiver')) === 'streaming',
    )
  })

  it('and where the disk of the old primary can be read, with the numbers; what had arrived is not asked for', async () => {
    await command(['lab/lab', 'net', 'vm3', 'cut', 'vm4'])
    await sqlOn('vm3', "insert into own_rows values (11, 'not received')")
    await sqlOn('vm3', "update own_rows set note = 'not received' where id < 3")
    await onHost('vm3', 'systemctl kill -s KILL postgresql@15-main')
    await endReceiver('vm4')
    await command(['lab/lab', 'net', 'vm3', 'heal'])
    const why = await refused('failover', inventory, '-e', 'new_primary=vm4')
    expect(why).toMatch(
      /own clients of cluster 15\/main have committed 2 transactions that vm4 has not received/,
    )
    expect(why).toMatch(/the first was committed at 20\d\d-.* UTC, the last at 20\d\d-.* UTC/)
    // Started again it catches up: nothing is to be lost any more.
    await onHost('vm3', 'systemctl start postgresql@15-main')
    await isPrimary('vm3')
    await eventually(
      'vm4 to catch up',
      async () => (await sqlOn('vm4', 'select count(*) from own_rows')) === '11',
      60,
    )
    await onHost('vm3', 'systemctl kill -s KILL postgresql@15-main')
    await eventually('vm3 to be gone', async () => (await sqlOn('vm3', 'select 1').catch(() => '')) === '')
    const check = await run(
      'failover',
      inventory,
      '-e',
      'new_primary=vm4',
      '-e',
      'lost_changes=recopy',
      '--check',
    )
    expect(failures(check)).toBe('')
    await onHost('vm3', 'systemctl start postgresql@15-main')
    await isPrimary('vm3')
  })

  it('with writes of its own since: refused with the numbers, and it runs on', async () => {
    await splitBrain('vm3', 'vm4', inventory)
    await sqlOn('vm3', "insert into own_rows select g, 'split' from generate_series(100, 149) g")
    await sqlOn('vm3', "update own_rows set note = 'split' where id = 5")
    await sqlOn('vm3', 'delete from own_rows where id in (6, 100)')
    await sqlOn('vm3', 'create table own_more (a int)')
    await sqlOn('vm3', 'analyze own_rows')
    const why = await refused('rejoin', after, '-e', 'host=vm3')
    expect(why).toMatch(/has committed 4 transactions of its own clients that .* never got/)
    expect(why).toMatch(/they parted at [0-9A-F]+\/[0-9A-F]+ on timeline \d+/)
    expect(why).toMatch(/the first at 20\d\d-.* UTC, the last at 20\d\d-.* UTC/)
    expect(why).toContain('postgres: public.own_rows: 50 inserted, 1 updated, 2 deleted')
    expect(why).toMatch(/postgres: definitions \(CREATE/)
    expect(why).toContain('cannot be told: which rows were deleted from postgres: public.own_rows')
    expect(why).toContain('discarded=accept')
    expect(await sqlOn('vm3', 'select count(*) from own_rows')).toBe('59')
    expect(await beside('vm3')).toEqual([])
  })

  it('is refused too where it is stopped already, and nobody can ask it', async () => {
    await onHost('vm3', 'systemctl kill -s KILL postgresql@15-main')
    await eventually('vm3 to be gone', async () => (await sqlOn('vm3', 'select 1').catch(() => '')) === '')
    const why = await refused('rejoin', after, '-e', 'host=vm3')
    expect(why).toMatch(/has committed 4 transactions of its own clients/)
    expect(why).toContain('postgres: public.own_rows: 50 inserted, 1 updated, 2 deleted')
    await onHost('vm3', 'systemctl start postgresql@15-main')
    await isPrimary('vm3')
  })

  it('killed before it rewinds, it leaves rights that status tells of, and whoever comes next takes back', async () => {
    await killedAt('pg_rewind: pg_rewind', 'rejoin', after, '-e', 'host=vm3', '-e', 'discarded=accept')
    expect(await sqlOn('vm4', READS)).toBe('t')
    const status = await play(['status', '-i', after, '--output', 'json'])
    expect(status.stdout).toContain('the replication role replicator may read any file of the server')
    expect(status.stdout).toContain('REVOKE EXECUTE ON FUNCTION')
    await done(run('site', after, '--limit', 'vm4', '--tags', 'logical'))
    expect(await sqlOn('vm4', READS)).toBe('f')
    expect((await play(['status', '-i', after])).stdout).not.toContain('may read any file')
    const functions = 'pg_read_binary_file(text), pg_ls_dir(text, boolean, boolean)'
    await sqlOn('vm4', `grant execute on function ${functions} to replicator`)
  })

  it('the same again converges; what it had is whole in the copy, and the rows can be read', async () => {
    const real = await foretold('rejoin', after, '-e', 'host=vm3', '-e', 'discarded=accept')
    expect(await sqlOn('vm4', READS)).toBe('f')
    expect(await sqlOn('vm3', 'select pg_is_in_recovery()')).toBe('t')
    expect(await sqlOn('vm3', 'select count(*) from own_rows')).toBe('11')
    const files = await beside('vm3')
    const copy = files.find((name) => name.includes('.before-rewind-'))!
    const rows = files.find((name) => name.endsWith('.jsonl'))!
    expect(copy, files.join()).toBeDefined()
    // Made by the run that was killed, or, where the kill was earlier than that, by this one.
    expect(notes(real) + changed(real)).toContain(copy)
    // Nothing else is left: no mark, no half copy. The cut rewind was set aside, and is named.
    expect(files.filter((name) => !/\.(before-rewind-|discarded-|replaced-by-play-)/.test(name))).toEqual([])
    const lines = (await onHost('vm3', `cat ${rows}`)).split('\n').map((line) => JSON.parse(line))
    expect(lines.every(({ table, database }) => table === 'public.own_rows' && database === 'postgres')).toBe(
      true,
    )
    expect(lines.map(({ row }) => row.id).sort((a, b) => a - b)).toEqual([
      5,
      ...Array.from({ length: 49 }, (_, at) => 101 + at),
    ])
    expect(await onHost('vm3', `stat -c '%U %a' ${rows}`)).toBe('postgres 600')
    expect(await rowsIn(copy)).toBe('59')
  })

  it('and a second time by a copy, with the old directory aside', async () => {
    await splitBrain('vm4', 'vm3', after)
    await sqlOn('vm4', "insert into own_rows values (200, 'split')")
    const why = await refused('rejoin', inventory, '-e', 'host=vm4', '-e', 'method=copy')
    expect(why).toMatch(/has committed 1 transaction of its own clients/)
    const real = await foretold(
      'rejoin',
      inventory,
      '-e',
      'host=vm4',
      '-e',
      'method=copy',
      '-e',
      'discarded=accept',
    )
    const files = await beside('vm4')
    expect(files.map((name) => name.replace(/-[-0-9A-F_]+(\.jsonl)?$/, '$1'))).toEqual([
      `${DATA}.discarded-since.jsonl`,
      `${DATA}.replaced-by-play`,
    ])
    expect(notes(real)).toContain(`${DATA}.replaced-by-play-1`)
    expect(await onHost('vm4', `cat ${DATA}.discarded-*`)).toContain('"id":200')
    await done(run('site', inventory))
  })

  it('told to drop it, it keeps nothing', async () => {
    await splitBrain('vm3', 'vm4', inventory)
    await sqlOn('vm3', "insert into own_rows values (300, 'split')")
    const before = await beside('vm3')
    await foretold('rejoin', after, '-e', 'host=vm3', '-e', 'discarded=drop')
    expect(await beside('vm3')).toEqual(before)
    expect(await sqlOn('vm3', "select count(*) from own_rows where note = 'split'")).toBe('0')
  })

  it('shut down cleanly, nothing is asked for, and nothing is copied', async () => {
    await onHost('vm4', 'systemctl stop postgresql@15-main')
    await done(run('failover', after, '-e', 'new_primary=vm3'))
    const before = await beside('vm4')
    await foretold('rejoin', inventory, '-e', 'host=vm4')
    expect(await beside('vm4')).toEqual(before)
    await done(run('site', inventory))
  })

  // pg_rewind takes the last checkpoint of such a server for the end of what it wrote.
  it('stopped while it recovered from a crash, it is rewound all the same', async () => {
    await splitBrain('vm3', 'vm4', inventory)
    await stoppedInRecovery('vm3')
    await foretold('rejoin', after, '-e', 'host=vm3', '-e', 'discarded=drop')
    expect(await sqlOn('vm3', "select to_regclass('own_big'), pg_is_in_recovery()")).toBe('|t')
  })

  it('nor does it matter that it is fenced, with the command of failover.yaml typed twice', async () => {
    await command(['lab/lab', 'kill', 'vm4'])
    const failover = await done(
      run(
        'failover',
        after,
        '-e',
        'new_primary=vm3',
        '-e',
        'lost_writes=accept',
        '-e',
        'lost_changes=recopy',
      ),
    )
    const fence = /As root on its console:\s*\n(.*)/.exec(messages(failover))![1]!
    await command(['lab/lab', 'start', 'vm4'])
    await isPrimary('vm4')
    await stoppedInRecovery('vm4')
    await onHost('vm4', `{ ${fence}; }; { ${fence}; }`)
    await foretold('rejoin', inventory, '-e', 'host=vm4', '-e', 'discarded=drop')
    expect(await sqlOn('vm4', "select to_regclass('own_big'), pg_is_in_recovery()")).toBe('|t')
    expect(await onHost('vm4', 'grep -xE "auto|manual" /etc/postgresql/15/main/start.conf')).toBe('auto')
    await done(run('site', inventory))
  })

  it('every row of the writers is on every host, once', async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    const accounts = (await Promise.all(writers.map((writer) => accountsOf(writer, HOSTS, 300)))).flat()
    process.stdout.write(`${accountLines(accounts).join('\n')}\n`)
    expect(losses(accounts)).toEqual([])
    await sqlOn('vm3', 'drop table own_rows')
    await Promise.all(
      writers.map(({ host, table }) => sqlOn(host, `delete from ${table} where id >= ${FIRST}`)),
    )
  })

  /** As docs/problems.md says how to look into a copy. */
  async function rowsIn(copy: string): Promise<string> {
    const socket = '/tmp/look'
    const options = `-c config_file=/etc/postgresql/15/main/postgresql.conf -c data_directory=${copy} -c port=5499 -c listen_addresses= -c unix_socket_directories=${socket} -c external_pid_file= -c max_logical_replication_workers=0 -c archive_mode=off`
    const pg_ctl = `cd / && sudo -u postgres /usr/lib/postgresql/15/bin/pg_ctl -D ${copy}`
    await onHost('vm3', `install -d -o postgres ${socket} && ${pg_ctl} -w -l /dev/null -o '${options}' start`)
    try {
      return await onHost(
        'vm3',
        `cd / && sudo -u postgres psql -h ${socket} -p 5499 -XAtqc 'select count(*) from own_rows'`,
      )
    } finally {
      await onHost('vm3', `${pg_ctl} -m fast stop && rm -rf ${socket}`)
    }
  }
})
