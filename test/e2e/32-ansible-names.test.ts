import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventory, onHost, type Played, playJson, postgresql, sqlOn } from '../support/play.ts'

/** A playbook as Ansible's users have it: as postgres, by the names and arguments of community.postgresql. */
const MAKE = `# play: language=jinja
- hosts: vm1
  become: true
  become_user: postgres
  gather_facts: false
  vars:
    users:
      - { name: names_app, password: names-secret-1, flags: "CREATEDB,NOSUPERUSER" }
      - { name: names_readers, flags: NOLOGIN }
  tasks:
    - name: users
      community.postgresql.postgresql_user:
        name: "{{ item.name }}"
        password: "{{ item.password | default(omit) }}"
        role_attr_flags: "{{ item.flags | default(omit) }}"
        login_host: "{{ item.login_host | default('localhost') }}"
        login_user: "{{ item.login_user | default('postgres') }}"
        login_password: "{{ item.login_password | default(omit) }}"
        login_unix_socket: /var/run/postgresql
        port: "{{ item.port | default(omit) }}"
      with_items: "{{ users }}"
      no_log: true
    - name: database
      postgresql_db:
        name: names_shop
        owner: names_app
        encoding: UTF-8
        lc_collate: C.UTF-8
        lc_ctype: C.UTF-8
        template: template0
        login_port: 5432
    - name: extension
      community.general.postgresql_ext: name=pg_trgm db=names_shop
    - name: schema
      postgresql_schema: { name: data, database: names_shop }
    - name: table
      postgresql_table:
        db: names_shop
        name: data.items
        owner: names_app
        columns: [id bigint generated always as identity primary key, name text not null default 'x']
    - name: rights
      postgresql_privs: { db: names_shop, privs: "SELECT,INSERT", objs: ALL_IN_SCHEMA, schema: data, roles: names_readers }
    - name: rights to come
      postgresql_privs:
        database: names_shop
        type: default_privs
        privs: SELECT
        objs: TABLES
        schema: data
        roles: names_readers
        target_roles: names_app
    - name: membership
      postgresql_membership: { groups: [names_readers], target_roles: names_app }
    - name: owner
      postgresql_owner: { new_owner: names_app, obj_name: data, obj_type: schema, db: names_shop }
    - name: setting
      postgresql_set: { name: log_min_duration_statement, value: 700ms }
    - name: rule
      postgresql_pg_hba:
        dest: /etc/postgresql/${postgresql}/main/pg_hba.conf
        contype: host
        users: names_app
        source: 192.0.2.0/24
        databases: names_shop
        method: scram-sha-256
    - name: slot
      postgresql_slot: { name: names_slot }
    - name: publication
      postgresql_publication: { name: names_pub, db: names_shop, tables: data.items }
`
const ASK = `# play: language=jinja
- hosts: vm1
  become: true
  gather_facts: false
  tasks:
    - name: ping
      postgresql_ping: {}
      register: ping
    - name: info
      postgresql_info: { filter: [version, databases] }
      register: info
    - name: query
      postgresql_query:
        db: names_shop
        query: select tableowner from pg_tables where schemaname = %(schema)s
        named_args: { schema: data }
      register: asked
    - name: answers
      assert:
        that:
          - ping.is_available
          - ping.server_version.major == ${postgresql}
          - info.version.major == ${postgresql}
          - info.databases.names_shop.owner == 'names_app'
          - asked.query_result[0].tableowner == 'names_app'
          - asked.rowcount == 1
    - name: script file
      copy: { dest: /tmp/names.sql, content: "insert into data.items (name) values ('a'), ('b');\\n" }
    - name: script
      postgresql_script: { db: names_shop, path: /tmp/names.sql }
      register: ran
    - name: rows
      assert: { that: ran.rowcount == 2 }
      when: not ansible_check_mode
`
const DROP = `# play: language=jinja
- hosts: vm1
  become: true
  gather_facts: false
  tasks:
    - { name: rule, postgresql_pg_hba: { dest: /etc/postgresql/${postgresql}/main/pg_hba.conf, contype: host, users: names_app, source: 192.0.2.0/24, databases: names_shop, state: absent, method: scram-sha-256 } }
    - { name: setting, postgresql_set: { name: log_min_duration_statement, value: default } }
    - { name: slot, postgresql_slot: { name: names_slot, state: absent } }
    - { name: database, postgresql_db: { name: names_shop, state: absent } }
    - { name: users, postgresql_user: { name: "{{ item }}", state: absent }, loop: [names_app, names_readers] }
`
const scratch = mkdtempSync(join(tmpdir(), 'play-names-'))
const run = (text: string, ...more: string[]): Promise<Played> => {
  writeFileSync(join(scratch, 'names.yml'), text)
  return playJson([join(scratch, 'names.yml'), '-i', inventory, ...more])
}
const said = ({ results }: Played) =>
  results.map(({ task, status, changes }) => [task, status, changes.map(({ path }) => path)])
const changed = ({ recap }: Played): number => recap.hosts.vm1!.changed

describe("a playbook of Ansible's for PostgreSQL", () => {
  beforeAll(async () => {
    const tags = ['--tags', 'prepare,packages,configure', '--limit', 'vm1']
    expect((await playJson(['playbooks/site.yaml', '-i', inventory, ...tags])).code).toBe(0)
  })
  afterAll(async () => {
    await run(DROP)
    await onHost('vm1', 'rm -f /tmp/names.sql')
    rmSync(scratch, { recursive: true })
  })

  it('does what its check says, once', async () => {
    const check = await run(MAKE, '--check')
    expect(check.code, check.stdout).toBe(0)
    const done = await run(MAKE)
    expect(done.code, done.stdout).toBe(0)
    expect(said(done)).toEqual(said(check))
    expect(changed(done)).toBeGreaterThan(10)
    for (const again of [await run(MAKE), await run(MAKE, '--check')]) {
      expect(again.code).toBe(0)
      expect(changed(again)).toBe(0)
    }
    expect(done.stdout + check.stdout).not.toContain('names-secret-1')
  })

  it('asks, and runs a script of the host', async () => {
    const asked = await run(ASK)
    expect(asked.code, asked.stdout + asked.stderr).toBe(0)
    expect(await sqlOn('vm1', 'select count(*) from data.items', 'names_shop')).toBe('2')
  })

  it('and its database goes, with all that is in it', async () => {
    const check = await run(DROP, '--check')
    const done = await run(DROP)
    expect(done.code, done.stdout).toBe(0)
    expect(said(done)).toEqual(said(check))
    expect(changed(await run(DROP))).toBe(0)
    expect(await sqlOn('vm1', "select count(*) from pg_roles where rolname ~ '^names_'")).toBe('0')
  })
})
