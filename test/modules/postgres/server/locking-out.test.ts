import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgRoleModule } from '../../../../modules/postgres/pg-role/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('a role that is there', () => {
  let scratch: Scratch
  let host: Machine
  const destructive = async (args: Record<string, unknown>) => {
    const { plan } = await host.check(pgRoleModule, { name: 'app', ...args })
    expect(plan.changes).toHaveLength(1)
    return plan.changes[0]!.destructive === true
  }
  beforeAll(async () => {
    scratch = new Scratch('lockingout')
    host = await Machine.of('vm1', scratch)
    scratch.psql(
      "create role other; create role app login createdb connection limit 5 valid until '2030-01-01' password 'x' in role other",
    )
    scratch.psql('create role fresh login')
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each([
    { password: 'another' },
    { password: null },
    { login: false },
    { createdb: false },
    { connection_limit: 3 },
    { valid_until: '2029-01-01T00:00:00Z' },
    { member_of: [], member_of_exclusive: true },
  ])('is changed destructively by %j: somebody can do less than before', async (args) => {
    expect(await destructive(args)).toBe(true)
  })

  it.each([
    { createrole: true },
    { connection_limit: 6 },
    { connection_limit: -1 },
    { valid_until: '2031-01-01T00:00:00Z' },
    { valid_until: null },
    { name: 'fresh', password: 'the first' },
  ])('is not by %j', async (args) => {
    expect(await destructive(args)).toBe(false)
  })
})
