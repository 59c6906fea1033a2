import { describe, expect, it } from 'vitest'
import { pgDatabaseModule } from '../../../modules/postgres/pg-database/index.ts'
import { plannedCluster } from '../../support/facts.ts'
import { planAgain, planWith } from './fold-plan.ts'

/** A cluster of some version that is only planned. */
const planned = (version: number) => ({
  facts: [plannedCluster({ version: String(version), recovery: false, fresh: true })],
})
const icu = { name: 'app', locale_provider: 'icu', icu_locale: 'en_GB' }
const builtin = { name: 'app', locale_provider: 'builtin', builtin_locale: 'C.UTF-8' }

describe('pg_database and locale providers', () => {
  it.each([
    [14, icu],
    [16, builtin],
  ])('refuses on %d what comes later', async (version, args) => {
    await expect(planWith(pgDatabaseModule, planned(version), { version, ...args })).rejects.toThrow(
      /exists from PostgreSQL/,
    )
  })

  it.each([
    [15, icu, `LOCALE_PROVIDER icu ICU_LOCALE 'en_GB'`],
    [17, builtin, `LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'`],
  ])('makes one on %d from template0, and knows it again', async (version, args, options) => {
    const { plan } = await planWith(pgDatabaseModule, planned(version), { version, ...args })
    expect(plan.steps).toMatchObject([{ text: `CREATE DATABASE "app" TEMPLATE "template0" ${options}` }])
    expect((await planAgain(pgDatabaseModule, planned(version), { version, ...args })).steps).toEqual([])
  })
})
