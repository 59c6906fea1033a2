import { beforeAll, describe, expect, it } from 'vitest'
import {
  command,
  eventually,
  inventory,
  named,
  network,
  onHost,
  type Played,
  play,
  playJson,
  sqlOn,
} from '../support/play.ts'
import { failure, onHosts, SITE } from '../support/tasks.ts'

/** What docs/problems.md tells of a standby and of packages, on real clusters. The standby is lost and made anew in it. */
const CLUSTER = 'version: "{{ pg_version }}"'
const DATA = '/var/lib/postgresql/15/main'
const PASSFILE = '/var/lib/postgresql/play.pgpass'
const notesOf = (played: Played): string => played.results.flatMap(({ notes }) => notes ?? []).join('\n')
const upstream = `upstream: { host: ${network}.13, user: "{{ replication_user }}", passfile: ${PASSFILE} }`

beforeAll(async () => {
  expect((await playJson(SITE)).code).toBe(0)
  await sqlOn('vm1', 'delete from test where id = 880')
})

describe('a standby of a subscriber', () => {
  it('9: refuses what writes catalogues, and names the place for it', async () => {
    const { message, hint } = failure(
      await onHosts('vm4', `- pg_publication: { ${CLUSTER}, name: here, tables: [test] }`),
    )
    expect(message).toContain('is a standby: it is read-only')
    expect(hint).toContain('primary')
  })

  it('10: is not restarted with settings that allow less than its primary, and goes on serving', async () => {
    const file = '/etc/postgresql/15/main/conf.d/zz-less.conf'
    await onHost('vm4', `echo 'max_connections = 50' > ${file}`)
    const restarted = failure(await onHosts('vm4', `- pg_cluster: { ${CLUSTER}, state: restarted }`))
    expect(restarted.details).toBe('max_connections: 50 here, 100 on its primary')
    const pending = await onHosts('vm4', `- pg_cluster: { ${CLUSTER}, state: started, restart: pending }`)
    expect(named(pending, 'changed')).toEqual([])
    expect(notesOf(pending)).toContain('put off')
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('t')
    await onHost('vm4', `rm ${file}`)
  })

  it('10: that replay is paused is seen, whatever the state says', async () => {
    await sqlOn('vm4', 'select pg_wal_replay_pause()')
    await eventually(
      'replay is paused',
      async () => (await sqlOn('vm4', 'select pg_get_wal_replay_pause_state()')) === 'paused',
    )
    expect(await sqlOn('vm4', 'select status from pg_stat_wal_receiver')).toBe('streaming')
    const check = `- pg_replication: { ${CLUSTER}, standby: { ${upstream} }, timeout: 0 }`
    expect(failure(await onHosts('vm4', check)).details).toContain('replay is paused')
    await sqlOn('vm4', 'select pg_wal_replay_resume()')
    expect((await onHosts('vm4', check.replace('timeout: 0', 'timeout: 20'))).code).toBe(0)
  })

  it('11: has the settings and rules of its primary, although no base backup brings them', async () => {
    const shared = `select string_agg(name || setting, ' ' order by name) from pg_settings where name in ('max_connections',
      'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction', 'wal_level')`
    const rules = `select string_agg(concat_ws(' ', type, database, user_name, address, auth_method), '; ' order by line_number) from pg_hba_file_rules`
    for (const query of [shared, rules]) expect(await sqlOn('vm4', query)).toBe(await sqlOn('vm3', query))
  })

  it('12: nothing that travels with a base backup holds a password', async () => {
    expect(await sqlOn('vm4', 'show primary_conninfo')).toMatch(/passfile=/)
    for (const host of ['vm3', 'vm4'])
      expect(await onHost(host, `grep -ci password ${DATA}/postgresql.auto.conf || true`)).toBe('0')
  })

  it('8: promoted, it leaves the slots of its old primary alone, and no row is lost there', async () => {
    const before = await sqlOn('vm1', 'select count(*) from test')
    await sqlOn('vm4', 'select pg_promote()')
    await sqlOn('vm1', `insert into test (id, note) values (880, 'written after the promotion')`)
    await eventually(
      'the row on vm3',
      async () => (await sqlOn('vm3', 'select note from test where id = 880')) !== '',
    )
    expect(await sqlOn('vm4', 'select count(*) from pg_subscription')).toBe('2')
    expect(
      await sqlOn(
        'vm4',
        `select count(*) from pg_stat_activity where backend_type ~ 'logical replication worker'`,
      ),
    ).toBe('0')
    expect(
      await sqlOn(
        'vm1',
        `select host(client_addr) from pg_stat_replication where application_name = 'from_vm1' and client_addr <> '${network}.12'`,
      ),
    ).toBe(`${network}.13`)
    expect(await sqlOn('vm4', 'select count(*) from test')).toBe(before)
  })

  it('a promoted standby is not replaced unless the task names it', async () => {
    // The inventory of before is refused as a whole; the step alone knows what it is about to replace.
    expect(failure(await playJson([...SITE, '--tags', 'standby'])).message).toMatch(/vm4/)
    const again = await playJson(['playbooks/standby.yaml', '-i', inventory])
    const { message, hint, details } = failure(again)
    expect(message).toContain('the very system identifier')
    expect(message).toContain('promoted')
    expect(hint).toMatch(/replace: "\d+"/)
    expect(details).toMatch(/databases: postgres: \d+/)
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('f')
  })

  it('14: a cluster is dropped only when it is named, and told what goes with it', async () => {
    const { message, details } = failure(await onHosts('vm4', `- pg_cluster: { ${CLUSTER}, state: absent }`))
    expect(`${message} ${details}`).toMatch(/15\/main/)
    expect(`${message} ${details}`).toMatch(/postgres: \d+/)
    expect(await sqlOn('vm4', 'select 1')).toBe('1')
  })
})

describe('a bare machine', () => {
  beforeAll(async () => {
    expect((await command(['lab/lab', 'reset', 'vm4'])).code).toBe(0)
  })

  it('20: a key is not trusted unless its fingerprint is the one given', async () => {
    const wrong = '0000 0000 0000 0000 0000 0000 0000 0000 0000 0000'
    const ran = await playJson([
      ...SITE,
      '--tags',
      'packages',
      '--limit',
      'vm4',
      '-e',
      `pgdg_key_fingerprint='${wrong}'`,
    ])
    const { message, details } = failure(ran)
    expect(`${message} ${details}`).toContain('23A9 E45B FBCC D60D 142D')
    expect(
      await onHost('vm4', 'ls /etc/apt/keyrings /etc/apt/sources.list.d 2>/dev/null | grep -c pgdg || true'),
    ).toBe('0')
  })

  it('19: the server package makes no cluster, and starts none', async () => {
    const ran = await playJson([...SITE, '--tags', 'prepare,packages', '--limit', 'vm4'])
    expect(named(ran, 'failed')).toEqual([])
    expect(
      await onHost(
        'vm4',
        'pg_lsclusters -h; ls -A /etc/postgresql /var/lib/postgresql; pgrep -x postgres || true',
      ),
    ).not.toMatch(/main|\d/)
  })

  it('13: an interrupted pg_basebackup is known for what it is, moved aside, and done again', async () => {
    expect((await playJson([...SITE, '--tags', 'prepare', '--limit', 'vm4'])).code).toBe(0)
    await onHosts(
      'vm4',
      `- pg_passfile: { path: ${PASSFILE}, entries: [{ host: "*", port: "*", dbname: "*", user: "{{ replication_user }}", password: "{{ replication_password }}" }] }`,
    )
    await onHost(
      'vm4',
      `install -d -o postgres -g postgres /var/lib/postgresql/15 && cd / && runuser -u postgres -- env PGPASSFILE=${PASSFILE} \
        /usr/lib/postgresql/15/bin/pg_basebackup -w -h ${network}.13 -U replicator -D ${DATA} -X none -c fast -r 2M >/dev/null 2>&1 &
      until [ -e ${DATA}/PG_VERSION ]; do :; done; pkill -KILL -x pg_basebackup; wait`,
    )
    expect(
      await onHost('vm4', `ls -d ${DATA}/backup_label ${DATA}/global/pg_control 2>/dev/null || true`),
    ).toBe(`${DATA}/backup_label`)
    const rebuilt = await playJson(SITE)
    expect(named(rebuilt, 'failed')).toEqual([])
    expect(notesOf(rebuilt)).toContain(`${DATA}.replaced-by-play-1`)
    expect(await sqlOn('vm4', 'select status, slot_name from pg_stat_wal_receiver')).toBe('streaming|vm4')
    expect(await sqlOn('vm4', 'select note from test where id = 880')).not.toBe('')
    expect(named(await playJson(SITE), 'changed')).toEqual([])
  })

  it('14: what was copied has a configuration of its own under /etc, and Debian knows it', async () => {
    expect(await onHost('vm4', 'pg_lsclusters -h')).toMatch(/^15\s+main\s+5432\s+online,recovery\s+postgres/)
    expect((await play([...SITE, '--check'])).code).toBe(0)
  })
})
