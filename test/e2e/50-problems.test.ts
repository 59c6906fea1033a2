import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, named, network, onHost, type Played, playJson, sqlOn } from '../support/play.ts'
import { failure, onHosts, openSession, SITE } from '../support/tasks.ts'

/** What docs/problems.md tells of logical replication and of configuration, on real clusters. Each test names a trap. */
const CLUSTER = 'version: "{{ pg_version }}"'
const PASSFILE = '/var/lib/postgresql/play.pgpass'
const connection = (host: string) =>
  `{ host: '{{ lookup (lookup hostvars "${host}") "ansible_host" }}', user: "{{ replication_user }}", passfile: ${PASSFILE} }`
const subscription = (from: string, more = '') =>
  `- pg_subscription: { ${CLUSTER}, name: facts, publications: [facts_pub], connection: ${connection(from)}${more} }`
const DROPPED = `- pg_subscription: { ${CLUSTER}, name: facts, state: absent }`
const verify = (more: string) => `- pg_replication: { ${CLUSTER}, ${more} }`

/** `hosts`: each of vm1 and vm2 has the other as peer. */
const MUTUAL = `- pg_subscription:
    ${CLUSTER}
    name: facts
    publications: [facts_pub]
    copy_data: false
    connection:
      host: '{{ lookup (lookup hostvars peer) "ansible_host" }}'
      user: "{{ replication_user }}"
      passfile: ${PASSFILE}
  vars: { peer: '{{#if (eq inventory_hostname "vm1")}}vm2{{else}}vm1{{/if}}' }`

const slotsOn = (host: string) =>
  sqlOn(
    host,
    `select coalesce(string_agg(slot_name, ' ' order by slot_name), '') from pg_replication_slots where slot_name ~ 'facts'`,
  )

/** Waits until the server has counted errors of a subscription. */
const errorsOf = (host: string, subscription: string, counter: 'sync_error_count' | 'apply_error_count') =>
  eventually(
    `${counter} of ${subscription} to grow`,
    async () =>
      (await sqlOn(
        host,
        `select ${counter} > 0 from pg_stat_subscription_stats where subname = '${subscription}'`,
      )) === 't',
  )

beforeAll(async () => {
  expect((await playJson(SITE)).code).toBe(0)
  const table = (name: string) =>
    `- pg_table: { ${CLUSTER}, name: ${name}, columns: [{ name: id, type: int }], primary_key: [id], grants: { "{{ replication_user }}": [SELECT] } }`
  const made = await onHosts(
    'vm1:vm2:vm3',
    `${table('facts_vm1')}
${table('facts_vm2')}
- pg_publication: { ${CLUSTER}, name: facts_pub, tables: ["facts_{{ inventory_hostname }}"] }
  when: inventory_hostname != "vm3"`,
  )
  expect(named(made, 'failed')).toEqual([])
})

afterAll(async () => {
  await onHosts('vm1:vm2:vm3', DROPPED)
  for (const host of ['vm1', 'vm2', 'vm3'])
    await sqlOn(
      host,
      'drop publication if exists facts_pub; drop table if exists facts_vm1, facts_vm2, facts_keyless, facts_closed, facts_more, facts_late',
    )
})

describe('subscriptions', () => {
  it('1: two servers that subscribe to each other at the same time do not wait for each other', async () => {
    for (let round = 1; round <= 3; round += 1) {
      expect((await onHosts('vm1:vm2', MUTUAL, { timeout: 60 })).code).toBe(0)
      if (round < 3) expect((await onHosts('vm1:vm2', DROPPED, { timeout: 60 })).code).toBe(0)
    }
    await sqlOn('vm1', 'insert into facts_vm1 values (1)')
    const arrived = await onHosts(
      'vm2',
      verify('subscriptions: [facts], rows: [{ query: select count(*) from facts_vm1, expect: 1 }]'),
    )
    expect(arrived.code).toBe(0)
  })

  it('2: a transaction that is left open on the publisher is named, instead of waited for for ever', async () => {
    const open = await openSession('vm1', 'begin; insert into facts_vm1 values (99)')
    try {
      const slot = `- pg_slot: { ${CLUSTER}, name: facts_slot, type: logical, timeout: 1 }`
      const { message, details } = failure(await onHosts('vm1', slot))
      expect(message).toContain('a logical slot waits for the transactions that write')
      expect(details).toMatch(/process \d+ of postgres, idle in transaction/)
    } finally {
      open.end()
    }
    expect(await slotsOn('vm1')).toBe('vm2_facts')
  })

  it('3: a subscription that nothing arrives through is not called well', async () => {
    const conninfo = `host=${network}.11 dbname=postgres user=replicator passfile=${PASSFILE}`
    await sqlOn('vm3', `create subscription mute connection '${conninfo}' publication facts_nowhere`)
    await sqlOn(
      'vm1',
      'create table facts_closed (id int primary key); create publication facts_closed for table facts_closed',
    )
    await sqlOn('vm3', 'create table facts_closed (id int primary key)')
    await sqlOn('vm3', `create subscription closed connection '${conninfo}' publication facts_closed`)
    await errorsOf('vm3', 'closed', 'sync_error_count')
    const seen = failure(await onHosts('vm3', verify('subscriptions: [mute, closed], timeout: 0')))
    expect(seen.details).toMatch(/subscription mute has no table/)
    expect(seen.details).toMatch(
      /subscription closed: public.facts_closed is being copied \(state d\), after \d+ error/,
    )
    expect(seen.hint).toContain('SELECT')
    for (const name of ['mute', 'closed'])
      await onHosts('vm3', `- pg_subscription: { ${CLUSTER}, name: ${name}, state: absent }`)
    // Asked of play, neither comes into being.
    const wanted = `- pg_subscription: { ${CLUSTER}, name: mute, publications: [facts_nowhere, facts_closed], connection: ${connection('vm1')} }`
    const { message } = failure(await onHosts('vm3', wanted))
    expect(message).toMatch(/no publication "facts_nowhere".*may not read "public"."facts_closed"/)
    await sqlOn('vm1', 'drop publication facts_closed')
  })

  it('4: subscribers whose subscriptions have one name stream through slots of their own', async () => {
    expect((await onHosts('vm3', subscription('vm1'))).code).toBe(0)
    expect(await slotsOn('vm1')).toBe('vm2_facts vm3_facts')
  })

  it('a table that joins a publication joins its subscription, in the check as in the run', async () => {
    // Of its own: a subscriber that lacks the table would stop at its first row.
    const joined = (...names: string[]) => {
      const tables = names.map(
        (name) =>
          `- pg_table: { ${CLUSTER}, name: ${name}, columns: [{ name: id, type: int }], primary_key: [id], grants: { "{{ replication_user }}": [SELECT] } }`,
      )
      const publication = `- pg_publication: { ${CLUSTER}, name: facts_joined, tables: [${names}] }`
      const subscribed = `- pg_subscription: { ${CLUSTER}, name: joined, publications: [facts_joined], tables: [${names}], connection: ${connection('vm1')} }`
      return [
        ...tables,
        ...[...tables, publication].map((task) => `${task}\n  delegate_to: vm1`),
        subscribed,
      ].join('\n')
    }
    expect((await onHosts('vm3', joined('facts_more'))).code).toBe(0)
    const more = joined('facts_more', 'facts_late')
    const check = await onHosts('vm3', more, {}, '--check')
    const run = await onHosts('vm3', more)
    for (const { results } of [check, run])
      expect(results.map(({ status }) => status)).toEqual([
        'ok',
        'changed',
        'ok',
        'changed',
        'changed',
        'changed',
      ])
    expect(named(await onHosts('vm3', more), 'changed')).toEqual([])
    await sqlOn('vm1', 'insert into facts_late values (1)')
    await eventually('its row', async () => (await sqlOn('vm3', 'select count(*) from facts_late')) === '1')
    await onHosts('vm3', `- pg_subscription: { ${CLUSTER}, name: joined, state: absent }`)
    await sqlOn('vm1', 'drop publication facts_joined')
  })

  it('5: rows are neither copied to where they are, nor sent in circles', async () => {
    await onHosts('vm3', DROPPED)
    expect(failure(await onHosts('vm3', subscription('vm1'))).message).toContain('holds rows already')
    const origin = failure(await onHosts('vm3', subscription('vm1', ', copy_data: false, origin: none')))
    expect(origin.message).toContain('origin exists from PostgreSQL 16 on')
    const circle = await playJson([
      'playbooks/logical.yaml',
      ...SITE.slice(1),
      '-e',
      '{"publishes": ["test"]}',
    ])
    expect(circle.stderr).toContain(
      'a table is published by two hosts that subscribe to each other, vm1 and vm2',
    )
    expect(circle.results).toEqual([])
  })

  it('6: a table whose UPDATEs would fail once published is refused, with the statement to type', async () => {
    await sqlOn('vm1', 'create table facts_keyless (id int)')
    const publish = (more: string) =>
      `- pg_publication: { ${CLUSTER}, name: facts_keyless, tables: [facts_keyless]${more} }`
    const { message, hint } = failure(await onHosts('vm1', publish('')))
    expect(message).toContain('neither a primary key nor another replica identity')
    expect(hint).toContain('ALTER TABLE "public"."facts_keyless" REPLICA IDENTITY FULL')
    expect((await onHosts('vm1', publish(', publish: [insert]'))).code).toBe(0)
    await sqlOn('vm1', 'drop publication facts_keyless')
  })

  it('6: a duplicate key is told, and replication goes on by itself once it is gone', async () => {
    await sqlOn('vm2', 'insert into facts_vm1 values (7)')
    await sqlOn('vm1', 'insert into facts_vm1 values (7), (8)')
    await errorsOf('vm2', 'facts', 'apply_error_count')
    const { details, hint } = failure(await onHosts('vm2', verify('subscriptions: [facts], timeout: 0')))
    expect(details).toMatch(/after \d+ error/)
    expect(hint).toContain('/var/log/postgresql/postgresql-15-main.log')
    await sqlOn('vm2', 'delete from facts_vm1 where id = 7')
    await eventually(
      'both rows',
      async () => (await sqlOn('vm2', 'select count(*) from facts_vm1 where id > 6')) === '2',
    )
  })

  it('7: with its publisher down a subscription is dropped all the same, and the slot that stays is named', async () => {
    await onHost('vm2', 'systemctl stop postgresql@15-main')
    const dropped = await onHosts('vm1', DROPPED)
    await onHost('vm2', 'systemctl start postgresql@15-main')
    expect(dropped.code).toBe(0)
    expect(notesOf(dropped)).toMatch(/slot vm1_facts stays on the publisher/)
    expect(await slotsOn('vm2')).toBe('vm1_facts')
    const slot = `- pg_slot: { ${CLUSTER}, name: vm1_facts, type: logical, state: absent }`
    expect((await onHosts('vm2', slot)).code).toBe(0)
    // With the publisher up nothing stays.
    expect((await onHosts('vm2', DROPPED)).code).toBe(0)
    expect([await slotsOn('vm1'), await slotsOn('vm2')]).toEqual(['', ''])
  })
})

describe('configuration', () => {
  const setting = (name: string) => sqlOn('vm1', `show ${name}`)
  const conf = (settings: string) => `- pg_conf: { ${CLUSTER}, file: facts.conf, settings: { ${settings} } }`
  afterAll(async () => {
    await onHost(
      'vm1',
      'rm -f /etc/postgresql/15/main/conf.d/facts.conf; systemctl restart postgresql@15-main',
    )
  })

  it('15: a setting is in force whatever else sets it, before it or after', async () => {
    await onHost('vm1', 'pg_conftool 15 main set work_mem 5MB')
    await sqlOn('vm1', `alter system set work_mem = '6MB'`)
    expect((await onHosts('vm1', conf('work_mem: 7MB'))).code).toBe(0)
    expect(await setting('work_mem')).toBe('7MB')
    await onHost('vm1', 'pg_conftool 15 main remove work_mem')
  })

  it('16: only a setting that needs it restarts the server, also when an earlier run did not come to it', async () => {
    const started = () => sqlOn('vm1', 'select pg_postmaster_start_time()')
    const pending = `- pg_cluster: { ${CLUSTER}, state: started, restart: pending }`
    const before = await started()
    await onHosts('vm1', `${conf('work_mem: 9MB')}\n${pending}`)
    expect([await started(), await setting('work_mem')]).toEqual([before, '9MB'])
    await onHosts('vm1', conf('work_mem: 9MB, max_files_per_process: 1100'))
    expect([await started(), await setting('max_files_per_process')]).toEqual([before, '1000'])
    const later = await onHosts('vm1', pending)
    expect(later.results[0]!.changes[0]!.reason).toContain('max_files_per_process waits for it')
    expect(await setting('max_files_per_process')).toBe('1100')
  })

  it('17: a pg_hba.conf that the server will not read is put back, and the old rules stay', async () => {
    const file = () => onHost('vm1', 'cat /etc/postgresql/15/main/pg_hba.conf')
    const before = await file()
    const bad = `- pg_hba: { ${CLUSTER}, rules: [{ type: host, database: all, user: all, address: 192.0.2.0/24, method: ldap }] }`
    const { message, details } = failure(await onHosts('vm1', bad))
    expect(`${message} ${details}`).toMatch(/ldap/)
    expect(await file()).toBe(before)
    expect(await sqlOn('vm1', 'select count(*) from pg_hba_file_rules where error is not null')).toBe('0')
    // By hand: a reload would say yes and do nothing.
    await onHost('vm1', `echo 'host all all nonsense' >> /etc/postgresql/15/main/pg_hba.conf`)
    const restart = failure(await onHosts('vm1', `- pg_cluster: { ${CLUSTER}, state: restarted }`))
    expect(restart.message).toContain('would not start')
    await onHost('vm1', `sed -i '/nonsense/d' /etc/postgresql/15/main/pg_hba.conf`)
  })

  it('18: each class of connection is let in where a rule says so, and nowhere else', async () => {
    const login = (conninfo: string) =>
      onHost(
        'vm4',
        `cd / && runuser -u postgres -- psql -XAtqw -d 'host=${network}.13 user=replicator passfile=${PASSFILE} ${conninfo}' -c IDENTIFY_SYSTEM 2>&1 || true`,
      )
    expect(await login('replication=true')).toMatch(/^\d+\|/)
    expect(await login('dbname=postgres replication=database')).toMatch(/^\d+\|.*\|postgres$/)
    expect(await login('dbname=postgres')).toContain('syntax error')
    expect(await login('dbname=template1')).toContain('no pg_hba.conf entry')
    expect(await login('dbname=template1 replication=database')).toContain('no pg_hba.conf entry')
    // A database of that name is not what the word means.
    const rule = (database: string) =>
      `- pg_hba: { ${CLUSTER}, rules: [{ type: host, database: '${database}', user: nobody, address: 192.0.2.1/32, method: reject }] }`
    await onHosts('vm1', `${rule('"replication"')}\n${rule('replication')}`)
    expect(
      await onHost(
        'vm1',
        `grep -c '^host *"\\?replication"\\? .*192.0.2.1' /etc/postgresql/15/main/pg_hba.conf`,
      ),
    ).toBe('2')
    expect((await playJson(SITE)).code).toBe(0)
  })
})

const notesOf = (played: Played): string => played.results.flatMap(({ notes }) => notes ?? []).join('\n')
