import { expect, it } from 'vitest'
import { pgTablespaceModule as module } from '../../../modules/postgres/pg-tablespace.ts'
import { refusalOf } from '../../support/plans.ts'
import { DATA, primary, running } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const args = (more = {}) => module.params.parse({ version: 15, name: 'fast', location: '/srv/fast', ...more })
const cluster = { version: '15', name: 'main', dataDir: DATA, socketDir: '/run', port: 5432 } as never
const planned = (tablespace: { location: string; owner: string } | null, more = {}) =>
  module.plan({ cluster, tablespace }, args(more))

it('makes one, gives it another owner, and leaves it then', () => {
  const { changes, steps } = planned(null, { owner: 'app' })
  expect(changes).toEqual([
    { path: 'tablespace fast', before: null, after: { location: '/srv/fast', owner: 'app' } },
  ])
  expect(steps).toMatchObject([{ text: `CREATE TABLESPACE "fast" OWNER "app" LOCATION '/srv/fast'` }])
  expect(planned({ location: '/srv/fast', owner: 'postgres' }).steps).toEqual([])
  expect(planned({ location: '/srv/fast', owner: 'postgres' }, { owner: 'app' }).steps).toMatchObject([
    { text: 'ALTER TABLESPACE "fast" OWNER TO "app"' },
  ])
})

it('refuses one that is elsewhere already, and a folder that is not there', async () => {
  expect(() => planned({ location: '/srv/slow', owner: 'postgres' })).toThrow(
    'tablespace fast is at /srv/slow, not at /srv/fast',
  )
  const host = await running({ probe: primary, sql: [['from pg_tablespace', []]] })
  const refusal = await refusalOf(
    planWith(module, host, { version: 15, name: 'fast', location: '/srv/fast' }),
  )
  expect(refusal.message).toContain('is no folder')
})
