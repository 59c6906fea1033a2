import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { pgExtensionModule } from '../../../modules/postgres/pg-extension/index.ts'
import { packageOf } from '../../../postgres/catalog/packages.ts'
import { plannedCluster } from '../../support/facts.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { foldPlan, planAgain, planWith } from './fold-plan.ts'

const SHARE = '/usr/share/postgresql/15/extension'
const CONTROL = `comment = 'great-circle distances'\ndefault_version = '1.1'\nrelocatable = true\nrequires = 'cube'\n`

/** A cluster that is only planned: nothing in it can be asked. */
const fresh = (more: FakeHostOptions = {}): FakeHostOptions => ({
  ...more,
  name: 'vm2',
  facts: [plannedCluster({ recovery: false, fresh: true }), ...(more.facts ?? [])],
})
const task = (args: object) => ({ version: 15, ...args })

describe('pg_extension in a cluster that is only planned', () => {
  it('reads the control file of an installed server', async () => {
    const host = fresh({
      files: {
        [`${SHARE}/cube.control`]: "default_version = '1.5'\nrelocatable = true\n",
        [`${SHARE}/cube--1.2.sql`]: '',
        [`${SHARE}/cube--1.2--1.3.sql`]: '',
        [`${SHARE}/earthdistance.control`]: CONTROL,
      },
    })
    const { plan } = await planWith(pgExtensionModule, host, task({ name: 'cube' }))
    expect(plan.changes).toEqual([
      { path: 'extension cube', before: null, after: { version: '1.5', schema: 'public' } },
    ])
    expect((await planAgain(pgExtensionModule, host, task({ name: 'cube' }))).steps).toEqual([])
    await planWith(pgExtensionModule, host, task({ name: 'cube', extension_version: '1.3' }))
    await expect(
      planWith(pgExtensionModule, host, task({ name: 'cube', extension_version: '9' })),
    ).rejects.toThrow(/no version 9/)
    await expect(planWith(pgExtensionModule, host, task({ name: 'earthdistance' }))).rejects.toThrow(
      /needs "cube"/,
    )
    expect((await planWith(pgExtensionModule, host, task({ name: 'plpgsql' }))).plan.steps).toEqual([])
  })

  it('updates one that an earlier task makes, where a chain of scripts leads to the version', async () => {
    const host = fresh({
      files: {
        [`${SHARE}/cube.control`]: "default_version = '1.4'\n",
        [`${SHARE}/cube--1.2.sql`]: '',
        [`${SHARE}/cube--1.2--1.3.sql`]: '',
        [`${SHARE}/cube--1.3--1.4.sql`]: '',
      },
    })
    const made = await planWith(pgExtensionModule, host, task({ name: 'cube', extension_version: '1.2' }))
    const there = foldPlan(host, made.plan)
    const latest = task({ name: 'cube', extension_version: 'latest' })
    const { plan } = await planWith(pgExtensionModule, there, latest)
    expect(plan.changes).toEqual([{ path: 'extension cube version', before: '1.2', after: '1.4' }])
    const back = task({ name: 'cube', extension_version: '1.3' })
    await expect(planWith(pgExtensionModule, foldPlan(there, plan), back)).rejects.toThrow(
      /cannot be updated from 1.4 to 1.3/,
    )
  })

  it('takes it for there where its package is planned', async () => {
    const host = fresh({ facts: [predict(plannedPackagesKey(), ['postgresql-15', 'postgresql-15-cron'])] })
    for (const name of ['pg_stat_statements', 'pg_cron']) {
      const { plan } = await planWith(pgExtensionModule, host, task({ name, extension_version: 'latest' }))
      expect(plan.changes).toMatchObject([{ after: { version: '(what its package brings)' } }])
      expect(
        (await planAgain(pgExtensionModule, host, task({ name, extension_version: 'latest' }))).steps,
      ).toEqual([])
    }
  })

  it('refuses it where the planned packages do not bring it, and leaves unknown what nobody can tell', async () => {
    const host = fresh({ facts: [predict(plannedPackagesKey(), ['postgresql-15'])] })
    await expect(planWith(pgExtensionModule, host, task({ name: 'plpython3u' }))).rejects.toMatchObject({
      hint: 'Install its package first: apt_install: { name: postgresql-plpython3-15 }.',
    })
    await expect(planWith(pgExtensionModule, host, task({ name: 'homegrown' }))).rejects.toThrow(UnknownError)
    await expect(planWith(pgExtensionModule, fresh(), task({ name: 'homegrown' }))).rejects.toMatchObject({
      hint: expect.stringContaining("apt-cache search 'postgresql-15-.*homegrown'"),
    })
  })

  it.each([
    ['../etc', /no extension can have this name/],
    ['', /expected a name of 1 to 63 bytes/],
  ])('refuses the name %j', (name, message) => {
    expect(pgExtensionModule.params.safeParse(task({ name })).error?.message).toMatch(message)
  })
})

describe('the package of an extension', () => {
  it.each([
    ['hstore', 13, 'postgresql-13'],
    ['pg_walinspect', 15, 'postgresql-15'],
    ['pg_walinspect', 14, null],
    ['adminpack', 16, 'postgresql-16'],
    ['adminpack', 17, null],
    ['hstore_plperl', 16, 'postgresql-plperl-16'],
    ['postgis_topology', 17, 'postgresql-17-postgis-3'],
    ['vector', 18, 'postgresql-18-pgvector'],
    ['pg_stat_kcache', 15, 'postgresql-15-pg-stat-kcache'],
    ['homegrown', 15, null],
  ])('%s on %d: %s', (name, major, expected) => {
    expect(packageOf(name, major)).toBe(expected)
  })
})
