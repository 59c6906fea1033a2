import { afterAll, beforeAll, expect, it } from 'vitest'
import { saidBy } from '../support/converged.ts'
import { lab } from '../support/guests.ts'
import { at, done, nothingToChange, run, statuses, written } from '../support/ha-group.ts'
import { eventually, onHost, playJson, sqlOn } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'

/** A standby that was away while its primary threw the WAL away that it needs. */
const members = at('vm2', 'vm3')
const fleet = written('rebuild', {}, { pg_primary: 'vm2' }, members)
const TABLESPACE = { name: 'fast', location: '/srv/fast', owner: 'app' }
const widest = () =>
  written('rebuild', {}, { pg_primary: 'vm2', pg_tablespaces: [TABLESPACE] }, at('vm2', 'vm3', 'vm4'))
const onPrimary = (text: string) => sqlOn('vm2', text)
const LOG = '/var/log/postgresql/postgresql-15-main.log'

beforeAll(async () => {
  await lab('reset')
  await done('site', fleet)
  await onHost('vm3', 'systemctl stop postgresql@15-main')
  await onPrimary("select pg_drop_replication_slot('vm3')")
  await onPrimary('create table written as select generate_series(1, 1000) as id')
  for (let turn = 0; turn < 3; turn += 1)
    await onPrimary('select pg_switch_wal()').then(() => onPrimary('checkpoint'))
  await onPrimary("select pg_create_physical_replication_slot('vm3', true)")
  await onHost('vm3', 'systemctl start postgresql@15-main')
  await eventually(
    'the standby to miss its WAL',
    async () => (await onHost('vm3', `grep -c 'has already been removed' ${LOG} || true`)) !== '0',
  )
})
afterAll(async () => {
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})

it('is copied anew, as the check foretells, and what was there is kept', async () => {
  const check = await run('rebuild-standby', fleet, '-e', 'host=vm3', '--check')
  expect(saidBy(check)).toContain('a standby, which has nothing of its own')
  const rebuilt = await done('rebuild-standby', fleet, '-e', 'host=vm3')
  expect(saidBy(rebuilt)).toContain('main.replaced-by-play-1')
  expect(await onHost('vm3', 'ls -d /var/lib/postgresql/15/main.replaced-by-play-1/global')).not.toBe('')
  expect(await sqlOn('vm3', 'select count(*) from written')).toBe('1000')
  await nothingToChange(fleet)
})

it('has the folder of a tablespace before its primary has that, and so has one that is built later', async () => {
  const wider = written('rebuild', {}, { pg_primary: 'vm2', pg_tablespaces: [TABLESPACE] }, members)
  const check = await run('site', wider, '--check')
  expect(statuses(await done('site', wider))).toEqual(statuses(check))
  await onPrimary('create table on_fast tablespace fast as select generate_series(1, 10) as id')
  await eventually(
    'the rows on the standby',
    async () => (await sqlOn('vm3', 'select count(*) from on_fast')) === '10',
  )
  const next = await run('site', widest(), '--check')
  expect(statuses(await done('site', widest()))).toEqual(statuses(next))
  expect(await sqlOn('vm4', 'select count(*) from on_fast')).toBe('10')
  await nothingToChange(widest())
})

it('is left as it is while it streams, and nothing but a standby is ever discarded', async () => {
  const again = await run('rebuild-standby', fleet, '-e', 'host=vm3')
  expect([again.code, saidBy(again)]).toEqual([2, expect.stringContaining('there is nothing to rebuild')])
  const primary = await run('rebuild-standby', fleet, '-e', 'host=vm2')
  expect([primary.code, saidBy(primary)]).toEqual([2, expect.stringContaining('nothing of it is discarded')])
})

/** What the directories that were moved aside on a host call their tablespaces, and what is left over of the copies. */
const kept = (host: string) =>
  onHost(
    host,
    `cd /var/lib/postgresql/15; readlink main.replaced-by-play-*/pg_tblspc/*; LC_ALL=C ls -d /srv/fast*/PG_15_*; ls /srv | grep -F .play- || true`,
  )
const KEPT =
  /^\/srv\/fast\.replaced-by-play-1\n\/srv\/fast\.replaced-by-play-1\/PG_15_\d+\n\/srv\/fast\/PG_15_\d+$/

it('is copied anew with its tablespaces, and those of what is kept are kept with it', async () => {
  const again = ['-e', 'host=vm3', '-e', 'streaming=replace'] as const
  const check = await run('rebuild-standby', widest(), ...again, '--check')
  expect(saidBy(check)).toContain('/srv/fast.replaced-by-play-1')
  await done('rebuild-standby', widest(), ...again)
  expect(await sqlOn('vm3', 'select count(*) from on_fast')).toBe('10')
  expect((await kept('vm3')).trim()).toMatch(KEPT)
  await nothingToChange(widest())
})

it('and so is a former primary that comes back by a copy', async () => {
  await onHost('vm2', 'systemctl stop postgresql@15-main')
  await done('failover', widest(), '-e', 'new_primary=vm3', '-e', 'lost_writes=accept')
  await done('rejoin', widest(), '-e', 'host=vm2', '-e', 'method=copy', '-e', 'discarded=drop')
  expect(await sqlOn('vm2', 'select count(*) from on_fast')).toBe('10')
  expect((await kept('vm2')).trim()).toMatch(KEPT)
})
