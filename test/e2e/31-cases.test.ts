import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventory, network, onHost, type Played, playJson } from '../support/play.ts'

/**
 * What public reports told of, on real hosts: each task in a check, as a run, and as a run again. What needs no host, or no
 * more than a server, is tested where its part is.
 */
const THERE = 'version: "15", cluster: there'
const NEW = 'version: "15", cluster: new'
const PUBLISHER = 'version: "15", cluster: main, db: Pub-Db.1'
const TO_PUBLISHER = `connection: { host: '{{ host_var "vm1" "ansible_host" }}', dbname: Pub-Db.1, user: postgres }`
const SECRET = 'cases-secret #1'

/** What it is in the check, the run and the run again. */
type Case = [name: string, statuses: string, task: string]
const ONCE = 'changed changed ok'
const REFUSED = 'failed failed failed'
const ASKED = 'unknown ok ok'

const DELEGATED: Case[] = [
  [
    'two hosts delegate a rule each to a third',
    `${ONCE}, ${ONCE}`,
    `pg_hba: { ${NEW}, rules: [{ type: host, database: cases, user: "{{ inventory_hostname }}", address: "{{ ansible_host }}/32", method: scram-sha-256 }] }\n      delegate_to: vm2`,
  ],
]

const ALONE: Case[] = [
  [
    'pg_hba.conf as a file',
    ONCE,
    `copy: { dest: /etc/postgresql/15/there/pg_hba.conf, content: "{{ rules }}", owner: postgres, group: postgres, mode: '0640' }`,
  ],
  [
    'pg_hba.conf by its rules, which has the server read it',
    ONCE,
    `pg_hba: { ${THERE}, rules: [{ type: local, database: all, user: postgres, method: peer }] }`,
  ],
  ['a role', ONCE, `pg_role: { ${THERE}, name: case_owner }`],
  [
    'what it may do',
    ONCE,
    `pg_grant: { ${THERE}, type: database, objects: [postgres], privileges: [CREATE], roles: [case_owner] }`,
  ],
  [
    'a statement as it',
    ONCE,
    `sql: { ${THERE}, as: case_owner, query: create schema case_app, unless: "select from pg_namespace where nspname = 'case_app'" }`,
  ],
  [
    'a cluster whose port is text',
    ONCE,
    `pg_cluster: { ${NEW}, state: started, port: "{{ port_as_text }}" }`,
  ],
  ['what is in it', ASKED, `sql: { ${NEW}, read_only: true, query: select 1 as one }\n      register: asked`],
  ['a condition on that', ASKED, `debug: { msg: x }\n      when: asked.rows[0].one == 1`],
  [
    'an extension, not the newest',
    'changed changed failed',
    `pg_extension: { ${NEW}, name: pg_trgm, extension_version: '1.5' }`,
  ],
  ['the newest of it', ONCE, `pg_extension: { ${NEW}, name: pg_trgm, extension_version: latest }`],
  [
    'options that hold quotes, blanks and a password',
    ONCE,
    `pg_hba: { ${NEW}, rules: [{ type: hostssl, database: all, user: quoted, address: 192.0.2.0/24, method: ldap, options: { ldapserver: ldap.example.net, ldapbasedn: 'o="x y"', ldapbinddn: cn=me, ldapbindpasswd: '${SECRET}' } }] }`,
  ],
  [
    'what the server makes of the options',
    ASKED,
    `sql: { ${NEW}, read_only: true, query: "select array_to_string(options, '|') as found from pg_hba_file_rules where user_name = '{quoted}'" }\n      register: options`,
  ],
  ['the options', ASKED, `debug: { msg: "{{ options.rows.[0].found }}" }`],
  [
    'a name with half a quote',
    REFUSED,
    `pg_hba: { ${NEW}, rules: [{ type: host, database: all, user: 'we"ird', address: 192.0.2.0/24, method: trust }] }`,
  ],
  [
    'a library that is not there',
    REFUSED,
    `pg_conf: { ${NEW}, settings: { shared_preload_libraries: pg_cron } }`,
  ],
]

const PUBLISHED: Case[] = [
  ['a schema whose name needs quotes', ONCE, `pg_schema: { ${PUBLISHER}, name: Sa.les }`],
  [
    'a table in it',
    ONCE,
    `pg_table: { ${PUBLISHER}, name: '"Sa.les"."Ord er"', columns: [{ name: I d, type: int }], primary_key: [I d] }`,
  ],
  [
    'its publication',
    ONCE,
    `pg_publication: { ${PUBLISHER}, name: 'Pub,"1', tables: ['"Sa.les"."Ord er"'] }`,
  ],
  [
    'a table of three columns',
    ONCE,
    `pg_table: { ${PUBLISHER}, name: wide, columns: [{ name: id, type: int }, { name: a, type: int }, { name: b, type: int }], primary_key: [id] }`,
  ],
  ['the publication of that', ONCE, `pg_publication: { ${PUBLISHER}, name: wide, tables: [wide] }`],
]

const database = (name: string): Case[] => [
  [`database ${name}`, ONCE, `pg_database: { ${THERE}, name: ${name} }`],
  [`its schema ${name}`, ONCE, `pg_schema: { ${THERE}, db: ${name}, name: Sa.les }`],
  [
    `its table ${name}`,
    ONCE,
    `pg_table: { ${THERE}, db: ${name}, name: '"Sa.les"."Ord er"', columns: [{ name: I d, type: int }], primary_key: [I d] }`,
  ],
]
const subscribed = (db: string): string =>
  `pg_subscription: { ${THERE}, db: ${db}, name: 'Sub "1"', ${TO_PUBLISHER}, publications: ['Pub,"1'], slot_name: cases }`

const SUBSCRIBED: Case[] = [
  ...database('first'),
  ...database('second'),
  ['a subscription whose name needs quotes', ONCE, subscribed('first')],
  ['another one with its slot', REFUSED, subscribed('second')],
  [
    'a narrow table',
    ONCE,
    `pg_table: { ${THERE}, db: first, name: wide, columns: [{ name: id, type: int }, { name: a, type: int }], primary_key: [id] }`,
  ],
  [
    'a subscription to the wide one',
    REFUSED,
    `pg_subscription: { ${THERE}, db: first, name: wide, ${TO_PUBLISHER}, publications: [wide] }`,
  ],
]

/** Behind it a check does not know what a refusal is worth. */
const LAST: Case[] = [
  [
    'a file of what is in it',
    'unknown changed ok',
    `copy: { dest: /root/cases.txt, content: "{{ asked.rows.[0].one }}" }`,
  ],
]

const scratch = mkdtempSync(join(tmpdir(), 'play-cases-'))
const path = join(scratch, 'cases.yaml')
const playOf = (hosts: string, cases: readonly Case[]): string => `- hosts: ${hosts}
  become: true
  gather_facts: false
  vars:
    rules: "local all postgres peer\\nlocal all all peer\\nhost all all 192.0.2.9/32 scram-sha-256\\n"
  tasks:
${cases.map(([name, , task]) => `    - name: ${JSON.stringify(name)}\n      ignore_errors: true\n      ${task}\n`).join('')}`

const run = (...more: string[]): Promise<Played> =>
  playJson([path, '-i', inventory, '-e', 'port_as_text=5477', '--diff', ...more])

/** By task: its status on each host. */
const statuses = (played: Played, name: string): string[] =>
  played.results.filter(({ task }) => task === name).map(({ status }) => status)

describe('what was reported of other tools', () => {
  const played: Played[] = []
  beforeAll(async () => {
    const site = ['playbooks/site.yaml', '-i', inventory]
    const bare = await playJson([...site, '--tags', 'prepare,packages', '--limit', 'vm1,vm2'])
    const configured = await playJson([...site, '--tags', 'configure', '--limit', 'vm1'])
    expect([bare.code, configured.code]).toEqual([0, 0])
    await onHost('vm2', 'pg_createcluster 15 there --port 5476 --start')
    await onHost(
      'vm1',
      `cd /; su postgres -c 'createdb Pub-Db.1'; cd /etc/postgresql/15/main; cp -p pg_hba.conf pg_hba.before; sed -i '1i host Pub-Db.1 postgres ${network}.0/24 trust' pg_hba.conf; pg_ctlcluster 15 main reload`,
    )
    const plays = [
      playOf('vm2', ALONE),
      playOf('vm1,vm3', DELEGATED),
      playOf('vm1', PUBLISHED),
      playOf('vm2', SUBSCRIBED),
      playOf('vm2', LAST),
    ]
    writeFileSync(path, plays.join(''))
    for (const more of [['--check'], [], []]) played.push(await run(...more))
    expect(played.map(({ stderr }) => stderr)).toEqual(['', '', ''])
  })
  afterAll(async () => {
    rmSync(scratch, { recursive: true, force: true })
    await onHost('vm2', 'for one in there new; do pg_dropcluster --stop 15 $one; done; rm -f /root/cases.txt')
    await onHost(
      'vm1',
      `cd /; su postgres -c "psql -XAtqc \\"select pg_drop_replication_slot('cases')\\" -c 'drop database \\"Pub-Db.1\\"'"; cd /etc/postgresql/15/main; mv pg_hba.before pg_hba.conf; pg_ctlcluster 15 main reload`,
    )
  })

  it.each([...ALONE, ...DELEGATED, ...PUBLISHED, ...SUBSCRIBED, ...LAST])('%s: %s', (name, expected) => {
    const found = played.map((one) => statuses(one, name))
    const [first = []] = found
    const byHost = first.map((_, host) => found.map((each) => each[host]).join(' '))
    const why = played.flatMap((one) => one.results.filter(({ task }) => task === name))
    expect(byHost.join(', '), JSON.stringify(why, null, 1)).toBe(expected)
  })

  it('says whose the slot is, and which column is missing', () => {
    const said = (name: string) =>
      played.map((one) => one.results.find(({ task }) => task === name)?.error?.message)
    for (const message of said('another one with its slot'))
      expect(message).toMatch(/slot cases of .* is that of subscription Sub "1" of database first/)
    for (const message of said('a subscription to the wide one'))
      expect(message).toMatch(/public.wide lacks b/)
  })

  it('has the server read options as they were meant, and shows no password', () => {
    const { result } = played[2]!.results.find(({ task }) => task === 'the options')!
    expect(String(result?.msg)).toMatch(/ldapbasedn=o="x y"/)
    for (const { stdout, stderr } of played) expect(stdout + stderr).not.toContain(SECRET)
  })
})
