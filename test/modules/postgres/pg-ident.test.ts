import { describe, expect, it } from 'vitest'
import { pgIdentModule } from '../../../modules/postgres/pg-ident.ts'
import { pgInfoModule } from '../../../modules/postgres/pg-info/index.ts'
import { parseIdent } from '../../../postgres/hba/ident.ts'
import { ETC, running, stopped } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const PATH = `${ETC}/pg_ident.conf`
const TEXT = `# Who is who.
house   "Bob Baker"   shop   # from the office
house   /^(.*)@x$     \\1
`
const HOUSE = [
  { map: 'house', system_user: '"Bob Baker"', database_user: 'shop' },
  { map: 'house', system_user: '/^(.*)@x$', database_user: '\\1' },
]
const ANN = { map: 'house', system_user: 'ann', database_user: 'shop' }
const args = (maps: object[]) => ({ version: 15, maps })
const host = (text = TEXT, more: Record<string, string> = {}) => running({ files: { [PATH]: text, ...more } })

describe('pg_ident', () => {
  it('adds the lines that are missing, in the words of the file, and has the server read them', async () => {
    const { plan } = await planWith(pgIdentModule, await host(), args([...HOUSE, ANN, ANN]))
    expect(plan.changes).toMatchObject([
      { path: PATH, after: `${TEXT}house           ann                     shop\n`, text: true },
    ])
    expect(plan.steps.map((step) => step.do)).toEqual(['guard', 'sql', 'wait'])
    for (const options of [await host(), stopped({ [PATH]: TEXT })])
      expect(await planAgain(pgIdentModule, options, args([...HOUSE, ANN]))).toMatchObject({ changes: [] })
  })

  it('has them read where a run was cut short behind the writing', async () => {
    const stale = [{ errors: null, stale: true, loaded_at: '2026-01-01' }]
    const options = await running({
      files: { [PATH]: TEXT },
      sql: [["current_setting('ident_file')", stale]],
    })
    const { plan } = await planWith(pgIdentModule, options, args(HOUSE))
    expect(plan.steps.map((step) => step.do)).toEqual(['sql', 'wait'])
  })

  it('refuses what would be read as another line', () => {
    for (const system_user of ['two words', 'a,b', '"open', '# none'])
      expect(pgIdentModule.params.safeParse(args([{ ...ANN, system_user }])).success).toBe(false)
  })
})

describe('pg_info, maps', () => {
  const asked = { version: 15, gather: ['rules', 'maps'] }
  const RULES = { [`${ETC}/pg_hba.conf`]: 'local all all peer map=house\nlocal x x peer map=cellar\n' }

  it('has them as pg_ident takes them', async () => {
    const { result } = await planWith(pgInfoModule, await host(TEXT, RULES), asked)
    expect(result).toMatchObject({ maps: HOUSE })
    expect(parseIdent(TEXT, 15).maps).toEqual(HOUSE)
  })

  it('refuses where a rule names one of another file', async () => {
    const options = await host(`${TEXT}include more.conf\n`, RULES)
    await expect(planWith(pgInfoModule, options, asked)).rejects.toThrow(/name the maps cellar, which/)
  })
})
