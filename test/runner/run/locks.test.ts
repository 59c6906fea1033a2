import { expect, it } from 'vitest'
import { modules } from '../../../modules/registry.ts'

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
