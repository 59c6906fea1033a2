import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { predict } from '../../../../contract/facts.ts'
import type { Module } from '../../../../contract/module.ts'
import { pgConfModule } from '../../../../modules/postgres/pg-conf.ts'
import { pgGrantModule } from '../../../../modules/postgres/pg-grant.ts'
import { pgInfoModule } from '../../../../modules/postgres/pg-info/index.ts'
import { pgPublicationModule } from '../../../../modules/postgres/pg-publication/index.ts'
import { pgSchemaModule } from '../../../../modules/postgres/pg-schema/index.ts'
import { pgSettingModule } from '../../../../modules/postgres/pg-setting/index.ts'
import { ROWS_SCRIPT } from '../../../../modules/postgres/pg-subscription/rows-script.ts'
import { pgTableModule } from '../../../../modules/postgres/pg-table/index.ts'
import { sqlModule } from '../../../../modules/postgres/sql/index.ts'
import { keyOfCluster } from '../../../../postgres/cluster/key.ts'
import { PUBLISHER_SCRIPT } from '../../../../postgres/subscription/publisher-script.ts'
import { Machine } from './machine.ts'
import { PSQL, Scratch, VERSION } from './scratch.ts'

/** What the owner of a database, or who set up the role, may have said, and what of play's it once changed. */
const ODD: Record<string, string> = {
  quote_all_identifiers: 'on',
  default_transaction_read_only: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  statement_timeout: '1',
  role: 'app',
  intervalstyle: 'iso_8601',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  datestyle: '"SQL, DMY"',
  client_encoding: 'latin1',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  client_min_messages: 'error',
}

const COLUMNS = [
  { name: 'id', type: 'int', nullable: false },
  { name: 'order', type: 'text', default: "'é'" },
  { name: 'wait', type: 'interval', default: "'1 day 2 hours'" },
  { name: 'ratio', type: 'float8', default: '0.1' },
  { name: 'raw', type: 'bytea', default: "'\\x00ff'::bytea" },
  { name: 'day', type: 'date', default: "'2026-02-01'" },
]

const TASKS: [string, Module<any, any>, Record<string, unknown>][] = [
  ['pg_schema', pgSchemaModule, { name: 's' }],
  ['pg_table', pgTableModule, { name: 's.t', columns: COLUMNS, primary_key: ['id'] }],
  [
    'a column more',
    pgTableModule,
    { name: 's.t', columns: [...COLUMNS, { name: 'more', type: 'date' }], primary_key: ['id'] },
  ],
  [
    'pg_publication',
    pgPublicationModule,
    { name: 'p', tables: [{ name: 's.t', where: '"order" is null and ratio > 0.1' }], publish: ['insert'] },
  ],
  ['pg_grant', pgGrantModule, { type: 'table', objects: ['s.t'], role: 'app', privileges: ['SELECT'] }],
]

describe.skipIf(!VERSION)('what is set for a database and a role', () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('steady')
    host = await Machine.of('vm1', scratch)
    scratch.psql('create role app')
    scratch.psql('create database plain')
    scratch.psql('create database odd')
    scratch.psql("alter role postgres set work_mem = '7MB'")
    for (const [name, value] of Object.entries(ODD)) scratch.psql(`alter database odd set ${name} = ${value}`)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each(TASKS)('%s does the same there as in a plain database', async (_, module, args) => {
    const plain = await host.converge(module, { db: 'plain', ...args })
    const odd = await host.converge(module, { db: 'odd', ...args })
    const told = (run: typeof odd) =>
      JSON.stringify([run.plan.changes, run.facts, run.result]).replaceAll('plain', 'odd')
    expect(told(odd)).toBe(told(plain))
  })

  it('pg_info tells what a session gets that sets nothing itself', async () => {
    const settings = ['search_path', 'default_transaction_read_only', 'DateStyle', 'work_mem', 'jit', 'port']
    const { result } = await host.converge(pgInfoModule, { settings })
    expect(result.settings).toEqual(
      Object.fromEntries(settings.map((name) => [name, scratch.psql(`show ${name}`)])),
    )
  })

  it('pg_conf does not take what its own session has for what the server runs with', async () => {
    const { plan } = await host.converge(pgConfModule, { settings: { default_transaction_read_only: true } })
    expect(JSON.stringify(plan)).not.toContain('runs with it already')
    await host.converge(pgConfModule, { settings: { default_transaction_read_only: null } })
  })

  it('sql keeps a text as it is where a backslash is more than one', async () => {
    const query = String.raw`create table said (a text); insert into said values ('it\'s; here')`
    scratch.psql('create database backslashes')
    scratch.psql('alter database backslashes set standard_conforming_strings = off')
    await host.converge(sqlModule, { db: 'backslashes', query })
    expect(scratch.psql('select a from said', 'backslashes')).toBe("it's; here")
  })

  it('a server that is only planned to run is looked into, also for what a column’s type and default are', async () => {
    const columns = [{ name: 'at', type: 'timestamptz', default: 'now()' }]
    const world = host.world()
    const key = keyOfCluster(scratch.cluster)
    const predicts = [predict(key, { ...scratch.cluster, peek: true })]
    world.record({ changes: [], steps: [], predicts })
    await host.check(pgTableModule, { db: 'plain', name: 'peeked', columns }, world)
    expect(host.peeked).toContain('parsed')
  })

  it('a setting that a task takes back is gone for the next task’s session', async () => {
    scratch.psql('create database closed')
    const query = { db: 'closed', query: 'create table if not exists t ()' }
    await host.converge(pgSettingModule, { db: 'closed', settings: { default_transaction_read_only: 'on' } })
    await expect(host.converge(sqlModule, query)).rejects.toThrow('read-only transaction')
    await host.converge(pgSettingModule, { db: 'closed', settings: { default_transaction_read_only: null } })
    await host.converge(sqlModule, query)
  })
})

describe.skipIf(!VERSION)('functions of a database’s owner', () => {
  let scratch: Scratch
  let host: Machine
  const trace = () => join(scratch.dir, 'trace')
  beforeAll(async () => {
    scratch = new Scratch('owners')
    host = await Machine.of('vm1', scratch)
    scratch.psql('create role mallory login')
    scratch.psql('create database mal owner mallory')
    const own = (text: string) => scratch.psql(`set session authorization mallory; ${text}`, 'mal')
    own('create schema evil')
    own('create table evil.r (id int primary key, at timestamptz, name varchar)')
    own('insert into evil.r values (1, null, null)')
    // Only a superuser may write a file of the server; a transaction that only reads does not hinder it.
    own(`create function evil.act() returns void language plpgsql as $f$ begin
      execute format('copy (select 1) to %L', '${trace()}'); end $f$`)
    for (const signature of [
      'now() returns timestamptz',
      'has_schema_privilege(oid, text) returns bool',
      'has_schema_privilege(text, text) returns bool',
      'lower(varchar) returns text',
    ])
      own(
        `create function evil.${signature} language plpgsql immutable as $f$ begin perform evil.act(); return null; end $f$`,
      )
    scratch.psql('alter database mal set search_path = evil, pg_catalog, public')
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })
  /** What was done for a superuser that came here. */
  const traced = (): boolean => {
    const isThere = existsSync(trace())
    rmSync(trace(), { force: true })
    return isThere
  }

  it('have been set up: a superuser’s own session runs them', () => {
    scratch.psql('select now()', 'mal')
    expect(traced()).toBe(true)
  })

  it.each([
    [
      'a default',
      pgTableModule,
      { name: 'evil.t', columns: [{ name: 'at', type: 'timestamptz', default: 'now()' }] },
    ],
    [
      'a default that has a function of the owner’s alone',
      pgTableModule,
      { name: 'evil.t', columns: [{ name: 'x', type: 'text', default: "lower('X'::varchar)" }] },
    ],
    [
      'a row filter',
      pgPublicationModule,
      { name: 'p', tables: [{ name: 'evil.r', where: 'id > 1 and at > now()' }], publish: ['insert'] },
    ],
    [
      'a row filter with a function of the owner’s alone',
      pgPublicationModule,
      { name: 'p', tables: [{ name: 'evil.r', where: "name = lower('X'::varchar)" }], publish: ['insert'] },
    ],
  ] as [string, Module<any, any>, Record<string, unknown>][])(
    'are not run by a check of %s',
    async (_, module, args) => {
      await host.check(module, { db: 'mal', ...args }).catch(() => {})
      expect(traced()).toBe(false)
    },
  )

  it('stand behind those of the server where rows get a default', async () => {
    const columns = [{ name: 'since', type: 'timestamptz', default: 'now()' }]
    await host.converge(pgTableModule, { db: 'mal', name: 'evil.r', columns })
    expect(traced()).toBe(false)
  })

  it.each([
    ['how many rows there are', ROWS_SCRIPT, [JSON.stringify([{ schema: 'evil', name: 'r' }]), 'compare']],
    ['what a publisher has', PUBLISHER_SCRIPT, ['slot', '["p"]', '1']],
  ])('are not run by the psql that asks %s', (_, script, args) => {
    scratch.psql('create publication everything for all tables', 'mal')
    const conninfo = `host=${scratch.dir} port=${scratch.port} dbname=mal user=postgres`
    execFileSync('sh', ['-c', script, 'sh', PSQL, conninfo, ...args], { stdio: 'pipe' })
    scratch.psql('drop publication everything', 'mal')
    expect(traced()).toBe(false)
  })
})
