import { expect, it } from 'vitest'
import { pgConfModule } from '../../../modules/postgres/pg-conf.ts'
import { pgPassfileModule } from '../../../modules/postgres/pg-passfile/index.ts'
import { pgSettingModule } from '../../../modules/postgres/pg-setting/index.ts'

const wrong = (
  module: typeof pgConfModule | typeof pgPassfileModule | typeof pgSettingModule,
  given: object,
) => module.params.safeParse(given).error?.issues.map(({ message }) => message) ?? []

it('one thing has one value in a task: the other would be dropped without a word', () => {
  const settings = { work_mem: '7MB', Work_Mem: '8MB' }
  const said = ['work_mem and Work_Mem are one name, and it has two values here']
  for (const name of ['settings', 'at_least', 'defaults'])
    expect(wrong(pgConfModule, { [name]: settings })).toEqual(said)
  expect(wrong(pgSettingModule, { role: 'r', settings })).toEqual(said)
  const entries = [
    { host: 'h', user: 'u', password: 'one' },
    { host: 'h', user: 'u', password: 'two' },
  ]
  const path = '/srv/pass'
  expect(wrong(pgPassfileModule, { path, entries })).toEqual([
    'expected one password for h:*:*:u, but found two',
  ])
  expect(wrong(pgPassfileModule, { path, entries: [entries[0]!, entries[0]!] })).toEqual([])
})
