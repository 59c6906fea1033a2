import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchanged } from '../support/exchanged.ts'
import { endReceiver } from '../support/guests.ts'
import {
  command,
  eventually,
  inventory,
  named,
  onHost,
  type Played,
  playJson,
  sqlOn,
} from '../support/play.ts'
import { Writer } from '../support/writer.ts'

/** Numbers of rows that no other test uses. */
const FIRST = 6_000_000
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const POSTGRES = 'postgresql@15-main'
const after = exchanged('vm3', 'vm4')

const run = (playbook: string, inventory: string, ...more: string[]): Promise<Played> =>
  playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...more])

/** What differs between two runs is a fault of the check. */
const statuses = (played: Played): string[] =>
  played.results.map(({ task, host, item, status }) => `${task} | ${host} | ${item} | ${status}`).sort()
const failures = (played: Played): string =>
  played.results
    .filter(({ status }) => status === 'failed')
    .map(({ error }) => [error?.message, error?.hint, ...(error?.details ?? [])].join('\n'))
    .join('\n')

async function done(played: Played | Promise<Played>): Promise<void> {
  const { code, stderr } = await played
  expect(stderr).toBe('')
  expect(failures(await played)).toBe('')
  expect(code).toBe(0)
}

/** The check says what the run then does. */
async function foretold(playbook: string, inventory: string, ...more: string[]): Promise<Played> {
  const check = await run(playbook, inventory, ...more, '--check')
  const real = await run(playbook, inventory, ...more)
  await done(real)
  expect(statuses(check)).toEqual(statuses(real))
  return real
}

async function nothingToChange(inventory: string): Promise<void> {
  const site = await run('site', inventory)
  await done(site)
  expect(named(site, 'changed')).toEqual([])
}

const numbers = async (host: string, table: string): Promise<number[]> =>
  (await sqlOn(host, `select id from ${table} where id >= ${FIRST} order by id`)).split('\n').map(Number)
const count = async (host: string, table: string): Promise<number> =>
  Number(await sqlOn(host, `select count(*) from ${table} where id >= ${FIRST}`))

async function isEverywhere({ host, table, acknowledged }: Writer): Promise<void> {
  const written = await numbers(host, table)
  const found = new Set(written)
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
  const readers = HOSTS.filter((name) => name !== host)
  await Promise.all(
    readers.map(async (reader) => {
      await eventually(`all rows of ${table} on ${reader}`, async () => {
        const rows = await count(reader, table)
        return rows === written.length || `${rows} of ${written.length}`
      })
      expect(await numbers(reader, table)).toEqual(written)
    }),
  )
}

const receives = (host: string, table = 'test'): Promise<void> =>
  eventually(`${host} to have what is written now`, async () => {
    const writer = table === 'test' ? 'vm1' : 'vm2'
    const [source, here] = await Promise.all([count(writer, table), count(host, table)])
    return here >= source - 250 || `${here} of ${source} rows`
  })

describe('the topology under a writer that never stops', () => {
  const writers = [new Writer('vm1', 'test', FIRST), new Writer('vm2', 'test2', FIRST)]

  beforeAll(() => {
    for (const writer of writers) writer.start()
  })
  afterAll(async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    // A test that failed must not leave the others without a network.
    await Promise.all(['vm3', 'vm4'].map((host) => command(['lab/lab', 'net', host, 'heal'])))
    // The rows that were kept aside have no primary key, which a major upgrade asks for.
    await sqlOn('vm3', 'drop schema if exists replaced_by_play cascade')
  })

  it('site.yaml runs again, and changes nothing', () => nothingToChange(inventory))

  it('a switchover is refused, and nothing stops, where the standby does not replay', async () => {
    await sqlOn('vm4', 'select pg_wal_replay_pause()')
    const refused = await run('switchover', inventory, '-e', 'new_primary=vm4', '-e', '{"verify_timeout": 1}')
    await sqlOn('vm4', 'select pg_wal_replay_resume()')
    expect(refused.code).toBe(2)
    expect(failures(refused)).toMatch(/replay is paused/)
    expect(named(refused, 'changed')).toEqual([])
    expect(await sqlOn('vm3', 'select pg_is_in_recovery()')).toBe('f')
  })

  it('a failover is refused while the primary answers its standby', async () => {
    const refused = await run('failover', inventory, '-e', 'new_primary=vm4')
    expect(refused.code).toBe(2)
    expect(failures(refused)).toMatch(/answers "accepting"; it should be "no response"[\s\S]*switchover.yaml/)
    expect(named(refused, 'changed')).toEqual([])
  })

  it('vm4 and vm3 change roles, as foretold', async () => {
    await foretold('switchover', inventory, '-e', 'new_primary=vm4')
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('f')
    expect(await sqlOn('vm3', 'select pg_is_in_recovery()')).toBe('t')
  })

  it('each slot has its subscriber, and none is left over', async () => {
    const slots =
      "select coalesce(string_agg(slot_name || ' ' || active, ' ' order by slot_name), '') from pg_replication_slots"
    expect(await Promise.all(HOSTS.map((host) => sqlOn(host, slots)))).toEqual([
      'vm2_from_vm1 true vm4_from_vm1 true',
      'vm1_from_vm2 true vm4_from_vm2 true',
      '',
      'vm3 true',
    ])
  })

  it('site.yaml finds nothing to change where the inventory says so', () => nothingToChange(after))

  it('servers restart, and the network is cut for a while', async () => {
    await Promise.all(['vm1', 'vm4'].map((host) => onHost(host, `systemctl restart ${POSTGRES}`)))
    await command(['lab/lab', 'net', 'vm4', 'cut'])
    const before = await count('vm2', 'test2')
    await eventually('rows to be written meanwhile', async () => (await count('vm2', 'test2')) > before + 500)
    await command(['lab/lab', 'net', 'vm4', 'heal'])
    await Promise.all(['test', 'test2'].map((table) => receives('vm3', table)))
  })

  it('a failover that would lose rows is refused with the numbers', async () => {
    await command(['lab/lab', 'net', 'vm4', 'cut', 'vm3'])
    const rows = async (host: string) => count(host, 'test')
    await eventually('rows on vm4 that vm3 lacks', async () => (await rows('vm4')) > (await rows('vm3')) + 50)
    const at = await sqlOn('vm1', 'select pg_current_wal_lsn()')
    const confirmed = `select confirmed_flush_lsn > '${at}' from pg_replication_slots where slot_name = 'vm4_from_vm1'`
    await eventually('vm4 to confirm them', async () => (await sqlOn('vm1', confirmed)) === 't')
    // What vm4's kernel still holds for the connection would reach vm3 when the network is back.
    await endReceiver('vm3')
    await onHost('vm4', `systemctl kill -s KILL ${POSTGRES}`)
    await command(['lab/lab', 'net', 'vm4', 'heal'])
    const refused = await run('failover', after, '-e', 'new_primary=vm3')
    expect(refused.code).toBe(2)
    expect(failures(refused)).toMatch(
      /slot vm4_from_vm1 on vm1 has confirmed \d+ transactions with \d+ changed rows that are not here/,
    )
    expect(named(refused, 'changed')).toEqual([])
    expect(await sqlOn('vm3', 'select pg_is_in_recovery()')).toBe('t')
  })

  it('a failover copies anew what was lost, if told to, as foretold', async () => {
    const failover = await foretold('failover', after, '-e', 'new_primary=vm3', '-e', 'lost_changes=recopy')
    expect(await sqlOn('vm3', 'select pg_is_in_recovery()')).toBe('f')
    // Once more changes nothing: vm3 streams, so that what it is about to say it has is not lost.
    const again = await run('failover', after, '-e', 'new_primary=vm3')
    expect(failures(again)).toBe('')
    expect(named(again, 'changed')).toEqual([])
    const kept = await sqlOn('vm3', "select count(*) from pg_tables where schemaname = 'replaced_by_play'")
    // Where nothing was lost any more by then (once, in many runs), nothing was copied anew, and nothing is kept.
    const isCopied = named(failover, 'changed').some((task) => task.includes('It subscribes anew'))
    expect(Number(kept) > 0).toBe(isCopied)
    await receives('vm3')
  })

  it('the old primary comes back behind its fence, only reads, and is rewound to a standby', async () => {
    await onHost('vm4', `systemctl start ${POSTGRES}`)
    await eventually('vm4 to answer', async () =>
      sqlOn('vm4', 'select pg_is_in_recovery()').then((said) => said === 't' || said, String),
    )
    expect(await sqlOn('vm4', 'show primary_conninfo')).toBe('')
    await done(run('rejoin', inventory, '-e', 'host=vm4'))
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('t')
    const reads = "select has_function_privilege('replicator', 'pg_read_binary_file(text)', 'execute')"
    expect(await sqlOn('vm3', reads)).toBe('f')
    await nothingToChange(inventory)
  })

  it('a standby goes, and no slot is kept for it; it comes again', async () => {
    await done(run('remove-host', inventory, '-e', 'host=vm4'))
    expect(await sqlOn('vm3', 'select count(*) from pg_replication_slots')).toBe('0')
    expect(await onHost('vm4', `systemctl is-active ${POSTGRES} || true`)).toBe('inactive')
    await done(run('add-standby', inventory, '--limit', 'vm4'))
    expect(await sqlOn('vm3', 'select slot_name, active from pg_replication_slots')).toBe('vm4|t')
  })

  it('every acknowledged row is on every host, exactly once', async () => {
    const rates = writers.map(({ rate }) => rate)
    await Promise.all(writers.map((writer) => writer.stop()))
    await Promise.all(writers.map(isEverywhere))
    // The restart of vm1 was felt.
    expect(writers[0]!.broken).toBeGreaterThanOrEqual(1)
    for (const rate of rates) expect(rate).toBeGreaterThan(200)
  })

  it('leaves the lab as it was', async () => {
    await Promise.all([
      ...writers.map(({ host, table }) => sqlOn(host, `delete from ${table} where id >= ${FIRST}`)),
      sqlOn('vm3', 'drop schema if exists replaced_by_play cascade'),
      // What the rejoin kept of the server that it rewound.
      onHost('vm4', 'rm -rf /var/lib/postgresql/15/main.before-rewind-*'),
    ])
    await Promise.all(
      writers.map(({ table }) => eventually('rows to go', async () => (await count('vm4', table)) === 0, 60)),
    )
    await nothingToChange(inventory)
  })
})
