import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { failures } from '../support/converged.ts'
import { bare, clearLeft, furnish, leaveBehind, rulesOf, saidOf } from '../support/furnished.ts'
import { labState, named, network, onHost, playJson, postgresql, sqlOn } from '../support/play.ts'
import { failure } from '../support/tasks.ts'

/** One server, whose database is somebody else's work: none of it is in the inventory. */
const folder = join(labState, 'upgrade')
const NEXT = ['-e', 'next_version=17']
const SETTINGS = { wal_level: 'logical', log_lock_waits: true }
const STOPPED = [...NEXT, '-e', 'writes_stopped=yes']
const run = (playbook: string, ...more: string[]) =>
  playJson([`playbooks/${playbook}.yaml`, '-i', folder, ...more])
const done = async (playbook: string, ...more: string[]) => {
  const played = await run(playbook, ...more)
  expect(failures(played)).toEqual([])
  return played
}
function inventoryWith(more: object): void {
  mkdirSync(join(folder, 'group_vars'), { recursive: true })
  writeFileSync(
    join(folder, 'hosts.yaml'),
    stringify({ all: { hosts: { vm1: { ansible_host: `${network}.11` } } } }),
  )
  const variables = {
    ansible_user: 'admin',
    ansible_ssh_private_key_file: `${labState}/id_ed25519`,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${labState}/known_hosts`,
    pgdg_repo_url: `http://${network}.1:8015/pgdg`,
    pgdg_suite: 'trixie-pgdg',
    pgdg_key_url: `http://${network}.1:8015/keys/pgdg.asc`,
    pgdg_key_fingerprint: '23A9 E45B FBCC D60D 142D 8F8E 844A 0D9C 6183 3D1D',
    pg_replicated_database: 'shop',
    pg_tls: 'keep',
    pg_settings: { wal_level: 'logical' },
    ...more,
  }
  writeFileSync(join(folder, 'group_vars/all.yaml'), stringify(variables))
}
const inNew = (text: string) =>
  onHost('vm1', `cd / && sudo -u postgres psql -XAtq --cluster 17/main -d shop -c "${text}"`)

describe.runIf(postgresql >= 17)(
  'from 15 to 17 with all that a server has (only with PostgreSQL 17 or newer)',
  () => {
    let before: string

    beforeAll(async () => {
      await bare('vm1')
      inventoryWith({ pg_version: 15 })
      await done('site')
      await furnish('vm1')
    })
    afterAll(async () => {
      rmSync(folder, { recursive: true, force: true })
      await bare('vm1')
    })

    it('what would stay behind is refused with a list, in the check and the run, before anything is touched', async () => {
      await leaveBehind('vm1')
      const refusals = [await run('major-upgrade', ...NEXT, '--check'), await run('major-upgrade', ...NEXT)]
      for (const refused of refusals) {
        expect(named(refused, 'changed')).toEqual([])
        expect(failure(refused).details.split('\n')).toEqual([
          'database other: one is replicated, shop',
          'slot cdc (logical), which the inventory does not have: whoever reads from it would find none',
          'subscription gone in database shop, which the inventory does not have: nothing would come through it any more',
          '1 large object in database shop',
          'rows of unlogged table sales.fleeting in database shop',
        ])
      }
      await clearLeft('vm1')
    })

    it('a setting that is not in the inventory is named before the new cluster starts', async () => {
      for (const more of [['--check'], []]) {
        const refused = await run('major-upgrade', ...NEXT, ...more)
        expect(failure(refused).details).toBe('setting log_lock_waits: on in 15/main, off in 17/main')
      }
      inventoryWith({ pg_version: 15, pg_settings: SETTINGS })
    })

    it('the new cluster has all that stands on roles, databases and tablespaces, and all that is in them, as foretold', async () => {
      const check = await done('major-upgrade', ...NEXT, '--check')
      const filled = await done('major-upgrade', ...NEXT)
      expect(named(filled, 'changed')).toEqual(named(check, 'changed'))
      before = await saidOf('vm1', 17, 5432)
      expect(await saidOf('vm1', 17, 5433)).toBe(before)
      expect(await rulesOf('vm1', 17)).toBe(await rulesOf('vm1', 15))
      expect(await rulesOf('vm1', 17)).toMatch(/^local shop intruder reject$/m)
      expect(before).toContain('{idle_in_transaction_session_timeout=1h')
      expect(await inNew("select has_database_privilege('intruder', 'shop', 'connect')")).toBe('f')
      expect(named(await done('major-upgrade', ...NEXT), 'changed')).toEqual([])
    })

    it('does not switch while one of both has what the other has not', async () => {
      await sqlOn('vm1', "alter role app password 'three'; grant connect on database shop to report")
      await sqlOn('vm1', 'revoke select (id) on sales.orders from app', 'shop')
      for (const more of [['--check'], []]) {
        const refused = await run('major-switch', ...STOPPED, ...more)
        expect(failure(refused).details.split('\n')).toEqual([
          'role app is another one',
          'privileges on database shop is another one',
          'database shop: table column sales.orders.id is another one',
        ])
        expect(named(refused, 'changed')).toEqual([])
      }
      await sqlOn('vm1', "alter role app password 'two'; revoke connect on database shop from report")
      await sqlOn('vm1', 'grant select (id) on sales.orders to app', 'shop')
      const secret = await sqlOn('vm1', "select rolpassword from pg_authid where rolname = 'app'")
      await inNew(`alter role app password '${secret.replaceAll('$', '\\$')}'`)
      before = await saidOf('vm1', 17, 5432)
    })

    it('after the switch it is all there, sequences go on, and views are filled', async () => {
      const check = await done('major-switch', ...STOPPED, '--check')
      const switched = await done('major-switch', ...STOPPED)
      expect(named(switched, 'changed')).toEqual(named(check, 'changed'))
      expect(await saidOf('vm1', 17, 5432)).toBe(before)
      expect(await sqlOn('vm1', 'show server_version_num')).toMatch(/^17/)
      const values = "select nextval('sales.used'), nextval('sales.waiting'), nextval('sales.orders_id_seq')"
      expect(await sqlOn('vm1', values, 'shop')).toBe('10|1000|51')
      expect(await sqlOn('vm1', 'select h.n, o.n from sales.how_many h, sales.of_it o', 'shop')).toBe('50|1')
      inventoryWith({ pg_version: 17, pg_settings: SETTINGS })
      expect(named(await done('site'), 'changed')).toEqual([])
    })
  },
)
