import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, inventory, named, type Played, playJson, root, sqlOn } from '../support/play.ts'
import { failure, onHosts, openSession, SITE } from '../support/tasks.ts'

/** vm1 waits for a synchronous standby that there is not. */
const waitFor = async (names: string) => {
  await sqlOn('vm1', `alter system set synchronous_standby_names = '${names}'`)
  await sqlOn('vm1', 'select pg_reload_conf()')
  await eventually(
    'the setting',
    async () => (await sqlOn('vm1', 'show synchronous_standby_names')) === names,
  )
}
const clear = async () => {
  await waitFor('')
  await sqlOn('vm1', 'drop table if exists s65, s65_b, s65_c, s65_d, s65_held')
  await sqlOn('vm1', 'drop database if exists s65')
  await sqlOn('vm1', 'drop role if exists s65')
}
const notes = (ran: Played) => ran.results.map(({ notes }) => (notes ?? []).join('; '))
const UNCONFIRMED =
  /committed on the server, and not known to be on a standby.*synchronous_standby_names = 'nobody'/
const waiting = () =>
  sqlOn(
    'vm1',
    `select count(*) from pg_stat_activity where application_name = 'play' and wait_event = 'SyncRep'`,
  )

beforeAll(async () => {
  expect((await playJson(SITE)).code).toBe(0)
  await clear()
  await sqlOn('vm1', 'create table s65_held (i int)')
  await waitFor('nobody')
})
afterAll(clear)

describe('a commit behind a synchronous standby that is not there', () => {
  it('ends at the task’s timeout, is changed, says so, and is done; in whatever module', async () => {
    const cluster = 'version: 15, cluster: main'
    const ran = await onHosts(
      'vm1',
      `- pg_role: { ${cluster}, name: s65, login: true }
  timeout: 4
- pg_database: { ${cluster}, name: s65 }
  timeout: 4
- pg_table: { ${cluster}, db: s65, name: t, columns: [{ name: id, type: int }], primary_key: [id], grants: { s65: [SELECT] } }
  timeout: 4
- pg_publication: { ${cluster}, db: s65, name: p, tables: [t] }
  timeout: 4
- sql: { ${cluster}, query: create table s65 (i int), timeout: 4 }
- sql: { ${cluster}, query: "create table s65_b (i int); begin; create table s65_c (i int); commit; create table s65_d (i int)" }
  timeout: 4
- sql: { ${cluster}, query: "do $$ begin for n in 1..5 loop insert into s65 values (n); commit; end loop; end $$" }
  timeout: 4`,
    )
    expect(ran.code, ran.stdout).toBe(0)
    expect(ran.results.map(({ status }) => status)).toEqual(Array(7).fill('changed'))
    for (const note of notes(ran)) expect(note).toMatch(UNCONFIRMED)
    expect(await sqlOn('vm1', 'select count(*) from s65')).toBe('5')
    expect(await sqlOn('vm1', `select to_regclass('s65_c'), to_regclass('s65_d')`)).toBe('s65_c|s65_d')
    expect(await waiting()).toBe('0')
    const again = await onHosts('vm1', `- pg_role: { ${cluster}, name: s65, login: true }`)
    expect(named(again, 'changed')).toEqual([])
  })

  it('says meanwhile whom it waits for, and ends by itself where the task has no timeout', async () => {
    const ran = await onHosts(
      'vm1',
      `- sql: { version: 15, query: insert into s65 values (60) }
- sql: { version: 15, query: insert into s65 values (61) }`,
    )
    expect(ran.stdout).toMatch(
      /"event":"progress".*waits for a synchronous standby \(synchronous_standby_names = 'nobody'; process \d+\), 60 s at most/,
    )
    const [first, second] = ran.results
    for (const note of notes(ran)) expect(note).toMatch(UNCONFIRMED)
    expect(first!.duration_ms).toBeGreaterThan(55_000)
    // The next waits for the same, and not a minute again.
    expect(second!.duration_ms).toBeLessThan(30_000)
  })

  it('a wait for something else fails at the timeout, and names who is in the way', async () => {
    const session = await openSession('vm1', 'begin; lock table s65_held in access share mode')
    try {
      const ran = await onHosts(
        'vm1',
        `- sql: { version: 15, query: alter table s65_held add column late int }\n  timeout: 4`,
      )
      const { message, details } = failure(ran)
      expect(message).toMatch(/it was ended at the task's timeout, after \d+ s/)
      expect(details).toMatch(/it waited for process \d+, psql, postgres, idle in transaction/)
      const read = await onHosts(
        'vm1',
        `- sql: { version: 15, query: select pg_sleep(60), read_only: true }\n  timeout: 2`,
      )
      expect(failure(read).message).toContain("it was ended at the task's timeout")
    } finally {
      session.end()
    }
    expect(
      await sqlOn(
        'vm1',
        `select count(*) from pg_attribute where attrelid = 's65_held'::regclass and attname = 'late'`,
      ),
    ).toBe('0')
  })

  it.each(['SIGINT', 'SIGKILL'] as const)('%s: nothing of it stays on the server', async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'play-syncrep-'))
    const path = join(folder, 'wait.yaml')
    writeFileSync(
      path,
      `- hosts: vm1
  gather_facts: false
  become: true
  tasks: [{ sql: { version: 15, query: insert into s65 values (70) } }]
`,
    )
    try {
      const child = spawn(process.execPath, [join(root, 'dist/play.js'), path, '-i', inventory], {
        cwd: root,
        stdio: 'ignore',
      })
      const ended = new Promise((resolve) => child.once('close', resolve))
      await eventually('the wait', async () => (await waiting()) === '1')
      child.kill(signal)
      // A second Ctrl-C leaves at once.
      if (signal === 'SIGINT') setTimeout(() => child.kill(signal), 500)
      await ended
      await eventually('the end of its session', async () => (await waiting()) === '0', 20)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
