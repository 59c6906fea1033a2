import { beforeAll, describe, expect, it } from 'vitest'
import {
  command,
  eventually,
  inventory,
  named,
  onHost,
  type Played,
  play,
  playJson,
  sqlOn,
} from '../support/play.ts'
import { snapshot } from '../support/snapshot.ts'

const SITE = ['playbooks/site.yaml', '-i', inventory]
/** The same job in Jinja, which the benchmark compares with it. */
const IN_JINJA = ['bench/site/jinja/site.yaml', '-i', inventory]
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const PASSWORD = 'lab-only-replication-secret'

/** What a result is, without what differs from run to run. */
const statuses = (played: Played): string[] =>
  played.results
    .map(({ play: title, task, host, item, status }) => `${title} | ${task} | ${host} | ${item} | ${status}`)
    .sort()

describe('four bare hosts become the topology', () => {
  let check: Played
  let first: Played

  beforeAll(async () => {
    expect((await command(['lab/lab', 'reset'])).code).toBe(0)
  })

  it('is foretold by --check, which touches nothing', async () => {
    const before = await Promise.all(HOSTS.map(snapshot))
    check = await playJson([...SITE, '--check'])
    expect(check.stderr).toBe('')
    expect(check.code).toBe(0)
    expect(named(check, 'failed')).toEqual([])
    expect(named(check, 'unknown')).toEqual([])
    expect(await Promise.all(HOSTS.map(snapshot))).toEqual(before)
  })

  it('is foretold alike where it is written in Jinja', async () => {
    const jinja = await playJson([...IN_JINJA, '--check'])
    expect(jinja.stderr).toBe('')
    expect(statuses(jinja)).toEqual(statuses(check))
    const changes = ({ results }: Played) => results.flatMap((result) => result.changes).length
    expect(changes(jinja)).toBe(changes(check))
  })

  it('runs to its end', async () => {
    first = await playJson(SITE)
    expect(named(first, 'failed')).toEqual([])
    expect(first.code).toBe(0)
  })

  it('did exactly what --check had said', () => {
    expect(statuses(first)).toEqual(statuses(check))
  })

  it('has nothing to change the second time', async () => {
    const second = await playJson(SITE)
    expect(named(second, 'changed')).toEqual([])
    expect(second.code).toBe(0)
    for (const host of HOSTS)
      expect(second.recap.hosts[host]).toMatchObject({ changed: 0, failed: 0, unreachable: 0, unknown: 0 })
    const jinja = await playJson(IN_JINJA)
    expect(statuses(jinja)).toEqual(statuses(second))
    expect(jinja.code).toBe(0)
  })

  it('a check of what is done costs nothing and finds nothing', async () => {
    const again = await playJson([...SITE, '--check'])
    expect(named(again, 'changed')).toEqual([])
    expect(again.code).toBe(0)
  })

  it.each([
    ['vm1', 'test', ['vm2', 'vm3', 'vm4']],
    ['vm2', 'test2', ['vm1', 'vm3', 'vm4']],
  ])('rows written on %s into %s arrive on %s', async (writer, table, readers) => {
    const id = 1000 + Math.floor(Math.random() * 1e9)
    await sqlOn(writer, `insert into ${table} (id, note) values (${id}, 'sentinel')`)
    for (const reader of readers)
      await eventually(
        `row ${id} on ${reader}`,
        async () => (await sqlOn(reader, `select note from ${table} where id = ${id}`)) === 'sentinel',
      )
  })

  it('vm4 is a standby of vm3 that streams through its own slot, with its subscription workers fenced', async () => {
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('t')
    expect(await sqlOn('vm4', 'select status, slot_name from pg_stat_wal_receiver')).toBe('streaming|vm4')
    expect(await sqlOn('vm4', 'show max_logical_replication_workers')).toBe('0')
    const identifier = 'select system_identifier from pg_control_system()'
    expect(await sqlOn('vm4', identifier)).toBe(await sqlOn('vm3', identifier))
  })

  it('keeps the replication password out of everything but the password file', async () => {
    const outputs = [first, check].flatMap(({ stdout, stderr }) => [stdout, stderr])
    const verbose = await play([...SITE, '-vvv', '--diff', '--check'])
    for (const text of [...outputs, verbose.stdout, verbose.stderr]) expect(text).not.toContain(PASSWORD)
    for (const host of HOSTS) {
      // The password goes in by standard input: sudo's log of this very command would hold it otherwise.
      const { stdout: found } = await command(
        [
          'lab/lab',
          'ssh',
          host,
          'sudo sh -c "grep -rlsF -f - /etc /var/lib/postgresql /var/log /root /home /tmp /run || true"',
        ],
        { input: PASSWORD },
      )
      expect(found.trim().split('\n')).toEqual(['/var/lib/postgresql/play.pgpass'])
      expect(await onHost(host, 'stat -c "%a %U" /var/lib/postgresql/play.pgpass')).toBe('600 postgres')
    }
  })

  it('names exactly a hand-made drift, changes nothing in check mode, and repairs exactly it', async () => {
    await onHost(
      'vm2',
      "sed -i 's/^\\(hostssl .*replicator.*\\)scram-sha-256/\\1trust/' /etc/postgresql/15/main/pg_hba.conf",
    )
    await onHost('vm4', 'systemctl stop postgresql@15-main')
    await sqlOn('vm1', 'drop publication test_pub')
    await sqlOn('vm3', "alter system set wal_level = 'replica'")
    await onHost('vm3', 'systemctl restart postgresql@15-main')

    const before = await Promise.all(HOSTS.map(snapshot))
    const drift = await playJson([...SITE, '--check'])
    expect(await Promise.all(HOSTS.map(snapshot))).toEqual(before)
    expect(named(drift, 'failed')).toEqual([])
    expect(named(drift, 'changed')).toEqual([
      'vm1: What this server publishes (test_pub)',
      'vm2: Who may log in',
      'vm3: Settings',
      'vm3: The server runs with these settings',
      'vm4: The standby runs',
    ])
    const repair = await playJson(SITE)
    expect(statuses(repair)).toEqual(statuses(drift))
    expect(repair.code).toBe(0)
    expect(named(await playJson(SITE), 'changed')).toEqual([])
  })

  it('--tags standby builds the standby alone, where the earlier steps are done', async () => {
    expect((await command(['lab/lab', 'reset', 'vm4'])).code).toBe(0)
    const earlier = await playJson([...SITE, '--tags', 'prepare,packages', '--limit', 'vm4'])
    expect(earlier.code).toBe(0)
    const standby = await playJson([...SITE, '--tags', 'standby'])
    expect(standby.stderr).toBe('')
    expect(named(standby, 'failed')).toEqual([])
    expect(
      new Set(standby.results.filter((result) => result.kind === 'task').map((result) => result.play)),
    ).toEqual(
      new Set(['Each host is a server of its own', 'The inventory fits together', 'Build the standbys']),
    )
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('t')
    expect(named(await playJson(SITE), 'changed')).toEqual([])
  })
})
