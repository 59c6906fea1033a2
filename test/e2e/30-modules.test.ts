import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventory, onHost, type Played, playJson, sqlOn } from '../support/play.ts'

/**
 * One suite for all modules. Each task stands twice. In a check the second must find nothing to change: what the first
 * predicts is what it wants. In the run likewise: what it did is what it wanted. And the run must do what the check said.
 */
const CLUSTER = 'version: "15"'
const scratch = mkdtempSync(join(tmpdir(), 'play-modules-'))
const CASES: [name: string, task: string][] = [
  [
    'apt_repo',
    'apt_repo: { name: other, url: "{{ pgdg_repo_url }}", suites: "{{ pgdg_suite }}", signed_by: /etc/apt/keyrings/pgdg.asc }',
  ],
  ['apt_install present', 'apt_install: { name: less }'],
  ['apt_install absent', 'apt_install: { name: tree, state: absent }'],
  ['file directory', "file: { path: /srv/suite/a/b, state: directory, mode: '0750' }"],
  ['copy', 'copy: { dest: /srv/suite/copied, content: "text\\n", owner: postgres, mode: \'0640\' }'],
  ['file link', 'file: { path: /srv/suite/link, src: /srv/suite/copied, state: link }'],
  ['file attributes', "file: { path: /srv/suite/there, mode: '0600', owner: postgres }"],
  ['file absent', 'file: { path: /srv/suite/gone, state: absent }'],
  ['command creates', 'command: { argv: [touch, /srv/suite/made], creates: /srv/suite/made }'],
  [
    'sysctl',
    'sysctl: { name: net.ipv4.tcp_keepalive_time, value: 61, sysctl_file: /etc/sysctl.d/60-suite.conf }',
  ],
  ['service', 'service: { name: suite, state: stopped, enabled: false }'],
  [
    'pg_role new',
    `pg_role: { ${CLUSTER}, name: 'we"ird; drop', login: true, password: suite-secret-1, connection_limit: 5 }`,
  ],
  [
    'pg_role changed',
    `pg_role: { ${CLUSTER}, name: suite_old, login: false, password: suite-secret-2, createdb: true }`,
  ],
  ['pg_database', `pg_database: { ${CLUSTER}, name: 'suite "db"', owner: suite_old }`],
  [
    'pg_table new',
    `pg_table: { ${CLUSTER}, db: suite, name: public.fresh, columns: [{ name: id, type: int }, { name: at, type: timestamptz, nullable: true }], primary_key: [id] }`,
  ],
  [
    'pg_table column',
    `pg_table: { ${CLUSTER}, db: suite, name: there, columns: [{ name: id, type: int }, { name: more, type: text }], primary_key: [id], grants: { suite_old: [SELECT, INSERT] } }`,
  ],
  [
    'pg_role memberships',
    `pg_role: { ${CLUSTER}, name: suite_old, member_of: [pg_monitor, { role: suite_team, admin: true }], member_of_exclusive: true }`,
  ],
  ['pg_schema new', `pg_schema: { ${CLUSTER}, db: suite, name: 'we"ird; drop', owner: suite_old }`],
  ['pg_schema owner', `pg_schema: { ${CLUSTER}, db: suite, name: kept, owner: suite_old }`],
  ['pg_schema absent', `pg_schema: { ${CLUSTER}, db: suite, name: empty, state: absent }`],
  [
    'pg_grant to come',
    `pg_grant: { ${CLUSTER}, db: suite, default_for: postgres, in_schema: 'we"ird; drop', privileges: [SELECT], roles: [suite_old] }`,
  ],
  [
    'pg_table in a new schema',
    `pg_table: { ${CLUSTER}, db: suite, name: 'we"ird; drop.t', columns: [{ name: id, type: int, identity: always }], grants: { suite_old: [SELECT, DELETE] } }`,
  ],
  [
    'pg_grant table',
    `pg_grant: { ${CLUSTER}, db: suite, objects: [there, 'we"ird; drop.t'], privileges: [SELECT, UPDATE], roles: ['we"ird; drop'], grant_option: true }`,
  ],
  [
    'pg_grant all tables',
    `pg_grant: { ${CLUSTER}, db: suite, in_schema: public, privileges: [TRIGGER], roles: ['we"ird; drop'] }`,
  ],
  [
    'pg_grant all sequences',
    `pg_grant: { ${CLUSTER}, db: suite, type: sequence, in_schema: 'we"ird; drop', privileges: [ALL], roles: ['we"ird; drop'] }`,
  ],
  [
    'pg_grant function',
    `pg_grant: { ${CLUSTER}, db: suite, type: function, objects: ['kept.f(integer, text)'], privileges: [EXECUTE], roles: [PUBLIC], state: absent }`,
  ],
  [
    'pg_grant schema',
    `pg_grant: { ${CLUSTER}, db: suite, type: schema, objects: [kept, 'we"ird; drop'], privileges: [USAGE], roles: ['we"ird; drop'] }`,
  ],
  [
    'pg_grant database',
    `pg_grant: { ${CLUSTER}, type: database, objects: ['suite "db"', suite], privileges: [CONNECT], roles: [PUBLIC], state: absent }`,
  ],
  [
    'pg_setting',
    `pg_setting: { ${CLUSTER}, role: 'we"ird; drop', db: suite, settings: { search_path: ['we"ird; drop', public], work_mem: 16MB } }`,
  ],
  ['pg_setting reset', `pg_setting: { ${CLUSTER}, db: suite, settings: { statement_timeout: null } }`],
  ['pg_extension new', `pg_extension: { ${CLUSTER}, db: suite, name: pg_trgm, schema: 'we"ird; drop' }`],
  ['pg_extension absent', `pg_extension: { ${CLUSTER}, db: suite, name: hstore, state: absent }`],
  ['pg_publication new', `pg_publication: { ${CLUSTER}, db: suite, name: suite_pub, tables: [there] }`],
  [
    'pg_publication changed',
    `pg_publication: { ${CLUSTER}, db: suite, name: old_pub, tables: [there], publish: [insert] }`,
  ],
  ['pg_slot physical', `pg_slot: { ${CLUSTER}, name: suite_phys, type: physical }`],
  ['pg_slot logical', `pg_slot: { ${CLUSTER}, db: suite, name: suite_log, type: logical, plugin: pgoutput }`],
  ['pg_slot absent', `pg_slot: { ${CLUSTER}, name: suite_stale, type: physical, state: absent }`],
  [
    'pg_passfile',
    "pg_passfile: { path: /srv/suite/pgpass, entries: [{ host: '*', port: '*', dbname: '*', user: x, password: suite-secret-3 }] }",
  ],
  ['pg_conf', `pg_conf: { ${CLUSTER}, settings: { work_mem: 8MB, log_min_duration_statement: 250ms } }`],
  [
    'pg_hba',
    `pg_hba: { ${CLUSTER}, rules: [{ type: host, database: suite, user: suite_old, address: 192.0.2.0/24, method: scram-sha-256 }] }`,
  ],
  [
    'tls_certificate',
    `tls_certificate: { cert: /srv/suite/tls/x.crt, key: /srv/suite/tls/x.key, root_cert: /srv/suite/tls/root.crt, names: [vm1, 192.0.2.1], authority: ${scratch}/ca }`,
  ],
  [
    'sql unless',
    `sql: { ${CLUSTER}, db: suite, query: "insert into there (id) values ($1)", values: [7], unless: "select from there where id = 7" }`,
  ],
]

const path = join(scratch, 'modules.yaml')
const run = (...more: string[]): Promise<Played> =>
  playJson([path, '-i', inventory, '--limit', 'vm1', ...more])
const statuses = (played: Played): Record<string, string[]> => {
  const found: Record<string, string[]> = {}
  for (const { task, status } of played.results) found[task] = [...(found[task] ?? []), status]
  return found
}

describe('every module', () => {
  let check: Played
  let done: Played
  beforeAll(async () => {
    expect(
      (
        await playJson([
          'playbooks/site.yaml',
          '-i',
          inventory,
          '--tags',
          'prepare,packages,configure',
          '--limit',
          'vm1',
        ])
      ).code,
    ).toBe(0)
    await onHost(
      'vm1',
      'apt-get -qq -y install tree >/dev/null 2>&1; rm -rf /srv/suite /etc/apt/sources.list.d/other.sources /etc/sysctl.d/60-suite.conf; mkdir -p /srv/suite/gone; touch /srv/suite/there /srv/suite/gone/x',
    )
    await onHost(
      'vm1',
      `printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' > /etc/systemd/system/suite.service; systemctl daemon-reload; systemctl enable --now suite`,
    )
    await sqlOn('vm1', "create role suite_old login password 'other'; create role suite_team")
    await sqlOn('vm1', 'grant pg_read_all_stats to suite_old')
    await sqlOn('vm1', 'create database suite')
    await sqlOn('vm1', "alter database suite set statement_timeout = '1min'")
    await sqlOn(
      'vm1',
      "create schema kept; create schema empty; create extension hstore; create function kept.f(a int, b text) returns int language sql as 'select 1'",
      'suite',
    )
    await sqlOn(
      'vm1',
      'create table there (id int primary key); create table other (id int primary key)',
      'suite',
    )
    await sqlOn('vm1', 'create publication old_pub for table other', 'suite')
    await sqlOn('vm1', "select pg_create_physical_replication_slot('suite_stale')")
    const tasks = CASES.map(([name, task]) =>
      `    - { name: ${JSON.stringify(name)}, ${task} }\n`.repeat(2),
    ).join('')
    writeFileSync(path, `- hosts: vm1\n  become: true\n  gather_facts: false\n  tasks:\n${tasks}`)
    check = await run('--check')
    done = await run()
  })
  afterAll(async () => {
    rmSync(scratch, { recursive: true, force: true })
    await onHost(
      'vm1',
      'rm -rf /srv/suite /etc/apt/sources.list.d/other.sources /etc/systemd/system/suite.service /etc/sysctl.d/60-suite.conf; systemctl daemon-reload',
    )
    await sqlOn(
      'vm1',
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'suite%'",
    )
    await onHost('vm1', "sed -i '/^work_mem/d;/^log_min/d' /etc/postgresql/15/main/conf.d/play.conf")
    await sqlOn('vm1', 'select pg_reload_conf()')
    await sqlOn('vm1', 'drop database if exists suite')
    await sqlOn('vm1', 'drop database if exists "suite ""db"""')
    await sqlOn('vm1', 'drop role if exists suite_old; drop role if exists suite_team')
    await sqlOn('vm1', 'drop role if exists "we""ird; drop"')
  })

  it.each(CASES.map(([name]) => name))('%s: predicts what it does, and does it once', (name) => {
    expect(statuses(check)[name], check.stdout).toEqual(['changed', 'ok'])
    expect(statuses(done)[name], done.stdout).toEqual(['changed', 'ok'])
  })
  it('all of them find nothing to change afterwards', async () => {
    const again = await run('--check')
    expect(Object.entries(statuses(again)).filter(([, [one, two]]) => one !== 'ok' || two !== 'ok')).toEqual(
      [],
    )
  })

  it('pg_info tells the same in a check and in the run, and changes nothing', async () => {
    const conditions = [
      'pg.in_recovery == false',
      "pg.server_version.startsWith('15.')",
      "pg.databases['suite'].owner == 'postgres'",
      "pg.roles['suite_old'].member_of == ['pg_monitor', 'suite_team']",
      "pg.settings.wal_level == 'logical'",
      "pg.replication.slots['suite_phys'].type == 'physical'",
    ]
    const facts = join(scratch, 'facts.yaml')
    const tasks = [
      { pg_info: { version: '15', settings: ['wal_level'] }, register: 'pg' },
      { assert: { that: conditions } },
    ]
    writeFileSync(facts, JSON.stringify([{ hosts: 'vm1', become: true, gather_facts: false, tasks }]))
    for (const more of [['--check'], []]) {
      const played = await playJson([facts, '-i', inventory, ...more])
      expect(
        played.results.map(({ status }) => status),
        played.stdout,
      ).toEqual(['ok', 'ok'])
    }
  })
})
