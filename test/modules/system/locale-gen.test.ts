import { expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { localeGenModule as module } from '../../../modules/system/locale-gen.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const LIST = '# This file lists locales\n# de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n# en_GB ISO-8859-1\n'
const host = (more: FakeHostOptions = {}): FakeHostOptions => ({
  name: 'db1',
  files: { '/etc/locale.gen': LIST, '/usr/share/i18n/SUPPORTED': 'de_DE.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n' },
  reads: { 'locale -a': 'C\nC.utf8\nPOSIX\nen_US.utf8\n' },
  ...more,
})
const planOf = async (args: object, options = host()) => {
  const params = module.params.parse(args)
  return module.plan(await module.inspect(fakeHost(options), params), params)
}

it('takes a line out of its comment, or adds it, and has the locale generated', async () => {
  const plan = await planOf({ name: ['de_DE.UTF-8', 'fr_FR.UTF-8', 'en_US.UTF-8', 'C.UTF-8'] })
  expect(plan.changes.map(({ path }) => path)).toEqual(['locale de_DE.UTF-8', 'locale fr_FR.UTF-8'])
  expect(plan.steps).toMatchObject([
    {
      do: 'write_file',
      content:
        '# This file lists locales\nde_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n# en_GB ISO-8859-1\nfr_FR.UTF-8 UTF-8\n',
    },
    { argv: ['locale-gen'] },
  ])
})

it('has nothing left to do after its own plan, and takes it back again', async () => {
  const made = await planOf({ name: 'de_DE.UTF-8' })
  expect((await planOf({ name: 'de_DE.utf8' }, host({ plans: [made] }))).changes).toEqual([])
  const back = await planOf({ name: 'de_DE.UTF-8', state: 'absent' }, host({ plans: [made] }))
  expect(back.steps).toMatchObject([{ do: 'write_file', content: LIST }, { argv: ['locale-gen'] }])
  expect((await planOf({ name: 'C.UTF-8', state: 'absent' })).changes).toEqual([])
})

it('refuses what there is no locale of, and a host without the package', async () => {
  await expect(planOf({ name: 'xx_XX.UTF-8' })).rejects.toThrow('there is no locale xx_XX.UTF-8')
  await expect(planOf({ name: 'de_DE.UTF-8' }, host({ files: {} }))).rejects.toMatchObject({
    message: 'there is no /etc/locale.gen on db1',
    hint: expect.stringContaining('locales'),
  })
})

it('goes on in a check where the package is planned', async () => {
  const facts = [predict(plannedPackagesKey(), ['locales'])]
  const plan = await planOf({ name: 'de_DE.UTF-8' }, host({ files: {}, facts }))
  expect(plan.steps).toMatchObject([{ do: 'exec', argv: expect.arrayContaining(['de_DE.UTF-8 UTF-8']) }, {}])
})
