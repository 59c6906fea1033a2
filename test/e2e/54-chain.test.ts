import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, inventory, named, type Played, playJson, sqlOn } from '../support/play.ts'

const scratch = mkdtempSync(join(tmpdir(), 'play-chain-'))
const HOSTS = join(scratch, 'hosts.yaml')
const CHAIN = ['playbooks/site.yaml', '-i', inventory, '-i', HOSTS]
const statuses = (played: Played) =>
  played.results.map(({ task, host, item, status }) => `${task} | ${host} | ${item} | ${status}`).sort()

describe('a chain: vm4 follows vm3, vm5 follows vm4', () => {
  beforeAll(() => {
    expect(readFileSync(join(inventory, 'hosts.yaml'), 'utf8')).toContain('vm5')
    writeFileSync(HOSTS, `all:\n  hosts:\n    vm5: { standby_of: vm4 }\n`)
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  it('is foretold, built link by link, and there is nothing more to do then', async () => {
    const check = await playJson([...CHAIN, '--check'])
    expect([...named(check, 'failed'), ...named(check, 'unknown')]).toEqual([])
    const run = await playJson(CHAIN)
    expect(named(run, 'failed')).toEqual([])
    expect(statuses(run)).toEqual(statuses(check))
    expect(named(await playJson(CHAIN), 'changed')).toEqual([])
  })

  it('each link streams from the one before, through a slot of its own', async () => {
    for (const [host, upstream] of [
      ['vm4', 'vm3'],
      ['vm5', 'vm4'],
    ] as const) {
      expect(await sqlOn(host, 'select status, slot_name from pg_stat_wal_receiver')).toBe(
        `streaming|${host}`,
      )
      expect(await sqlOn(upstream, 'select slot_name, active from pg_replication_slots')).toBe(`${host}|t`)
    }
    await sqlOn('vm1', `insert into test (id, note) select max(id) + 1, 'to the end of the chain' from test`)
    const rows = await sqlOn('vm1', 'select count(*) from test')
    await eventually('the row on vm5', async () => (await sqlOn('vm5', 'select count(*) from test')) === rows)
  })
})
