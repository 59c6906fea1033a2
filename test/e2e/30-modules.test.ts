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
      'apt-get -qq -y install tree >/dev/null 2>&1; rm -rf /srv/suite /etc/apt/sources.list.d/other.sources; mkdir -p /srv/suite/gone; touch /srv/suite/there /srv/suite/gone/x',
    )
    await onHost(
      'vm1',
      `printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' > /etc/systemd/system/suite.service; systemctl daemon-reload; systemctl enable --now suite`,
    )
    await sqlOn('vm1', "create role suite_old login password 'other'")
    await sqlOn('vm1', 'create database suite')
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
      'rm -rf /srv/suite /etc/apt/sources.list.d/other.sources /etc/systemd/system/suite.service; systemctl daemon-reload',
    )
    await sqlOn(
      'vm1',
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'suite%'",
    )
    await sqlOn('vm1', 'drop database if exists suite')
    await sqlOn('vm1', 'drop database if exists "suite ""db"""')
    await sqlOn('vm1', 'drop role if exists suite_old')
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
})
