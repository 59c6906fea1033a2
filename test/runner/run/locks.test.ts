import { expect, it } from 'vitest'
import { modules } from '../../../modules/registry.ts'
import type { Connection } from '../../../runner/hosts/types.ts'
import { Locks } from '../../../runner/run/locks.ts'

/** Modules that can never have a step, so that a playbook of them alone takes no lock. */
const READING = [
  'add_host',
  'apt_available',
  'assert',
  'debug',
  'fail',
  'group_by',
  'include_vars',
  'package_facts',
  'pause',
  'pg_can_follow',
  'pg_clusters',
  'pg_contents',
  'pg_controldata',
  'pg_ha_roles',
  'pg_identity',
  'pg_info',
  'pg_isready',
  'pg_leftovers',
  'pg_lost_writes',
  'pg_replication',
  'pg_slot_gap',
  'pg_stays_behind',
  'pg_storage',
  'pg_timeline',
  'ping',
  'postgresql_info',
  'postgresql_ping',
  'set_fact',
  'setup',
  'stat',
  'validate_argument_spec',
  'wait_for',
]

it('modules that never change anything say so, and no other does', () => {
  const saying = [...modules.values()].filter((module) => module.changesNothing?.({}) === true)
  expect(saying.map(({ name }) => name).sort()).toEqual(READING)
})

it('some say it for some arguments', () => {
  expect(modules.get('sql')!.changesNothing!({ read_only: true })).toBe(true)
  expect(modules.get('sql')!.changesNothing!({ read_only: '{{ maybe }}' })).toBe(false)
  expect(modules.get('pg_basebackup')!.changesNothing!({ check_only: true })).toBe(true)
})

it('each connection that something may be changed through is locked, once', async () => {
  const locked: string[] = []
  const connectionTo = (name: string): Connection =>
    ({
      spec: { kind: 'ssh' },
      async lock() {
        locked.push(name)
        return { state: 'held', machine: null }
      },
    }) as unknown as Connection
  const [own, other] = [connectionTo('own'), connectionTo('other')]
  const holder = { run: 'r', user: 'u', host: 'h', pid: 1, since: '', what: '' }
  const connect = async (_: string, reach?: { user?: string }) => (reach?.user === 'bob' ? other : own)
  const locks = new Locks({ holder, wait: 0, connect, emit: () => {} })
  await locks.takeAll(new Map([['h1', undefined]]))
  expect(await locks.take('h1', undefined)).toBe(false)
  expect(await locks.take('h1', undefined, { user: 'admin' })).toBe(false)
  expect(await locks.take('h1', undefined, { user: 'bob' })).toBe(true)
  expect(await locks.take('h1', undefined, { user: 'bob' })).toBe(false)
  expect(locked).toEqual(['own', 'other'])
})
