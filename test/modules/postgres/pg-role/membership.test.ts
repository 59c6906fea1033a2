import { describe, expect, it } from 'vitest'
import { pgRoleModule } from '../../../../modules/postgres/pg-role/index.ts'
import { changeMemberships } from '../../../../modules/postgres/pg-role/membership.ts'
import { plannedCluster } from '../../../support/facts.ts'
import { planAgain, planWith } from '../fold-plan.ts'

const by = (grantor: string | null, more = {}) => ({
  role: 'app',
  admin: false,
  inherit: grantor === null ? null : true,
  set: grantor === null ? null : true,
  grantor,
  ...more,
})
const change = (has: ReturnType<typeof by>[], wanted: object[], major: number, exclusive = false) =>
  changeMemberships(has, wanted as never, { name: 'we"ird; drop', major, inherit: true, exclusive })

describe('memberships', () => {
  it('up to 15 have one option, admin', () => {
    expect(change([], [{ role: 'app', admin: true }], 15)).toEqual({
      statements: ['GRANT "app" TO "we""ird; drop" WITH ADMIN OPTION'],
      after: [by(null, { admin: true })],
    })
    expect(change([by(null, { admin: true })], [{ role: 'app', admin: false }], 13).statements).toEqual([
      'REVOKE ADMIN OPTION FOR "app" FROM "we""ird; drop"',
    ])
    expect(change([by(null)], [], 15, true)).toEqual({
      statements: ['REVOKE "app" FROM "we""ird; drop"'],
      after: [],
    })
  })

  it('from 16 on name each option, and each grantor', () => {
    expect(change([], [{ role: 'app', inherit: false }], 16)).toEqual({
      statements: ['GRANT "app" TO "we""ird; drop" WITH INHERIT FALSE'],
      after: [by('postgres', { inherit: false })],
    })
    expect(change([by('dba', { admin: true }), by('postgres')], [{ role: 'app', admin: false }], 17)).toEqual(
      {
        statements: ['REVOKE ADMIN OPTION FOR "app" FROM "we""ird; drop" GRANTED BY "dba"'],
        after: [by('dba'), by('postgres')],
      },
    )
    expect(change([by('dba')], [{ role: 'app' }], 18)).toEqual({ statements: [], after: [by('dba')] })
    expect(change([by('dba'), by('postgres')], [], 18, true).statements).toEqual([
      'REVOKE "app" FROM "we""ird; drop" GRANTED BY "dba"',
      'REVOKE "app" FROM "we""ird; drop" GRANTED BY "postgres"',
    ])
  })
})

describe('pg_role on a cluster of another version that is only planned', () => {
  const planned = (version: number) => ({
    facts: [plannedCluster({ version: String(version), recovery: false, fresh: true })],
  })
  it.each([
    ['pg_database_owner', 14],
    ['pg_read_all_data', 14],
    ['pg_checkpoint', 15],
    ['pg_create_subscription', 16],
    ['pg_maintain', 17],
    ['pg_signal_autovacuum_worker', 18],
  ])('%s is there from %d on', async (role, since) => {
    const args = (version: number) => ({ version, name: 'app', member_of: [role] })
    await expect(planWith(pgRoleModule, planned(since - 1), args(since - 1))).rejects.toThrow(
      `no role "${role}"`,
    )
    expect((await planWith(pgRoleModule, planned(since), args(since))).plan.steps).toHaveLength(2)
    expect((await planAgain(pgRoleModule, planned(since), args(since))).steps).toEqual([])
  })
  it('refuses options of memberships that the version has not got', async () => {
    const member_of = [{ role: 'pg_monitor', set: false }]
    await expect(
      planWith(pgRoleModule, planned(15), { version: 15, name: 'app', member_of }),
    ).rejects.toThrow(/exists from PostgreSQL 16 on/)
    const { plan } = await planWith(pgRoleModule, planned(16), { version: 16, name: 'app', member_of })
    expect(plan.steps[1]).toMatchObject({ text: 'GRANT "pg_monitor" TO "app" WITH SET FALSE' })
  })
})
