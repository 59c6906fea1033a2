import { expect, it } from 'vitest'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { DpkgPackage } from '../../../contract/host.ts'
import { packageKey } from '../../../contract/shared-facts.ts'
import { Unknown } from '../../../contract/unknown.ts'
import { packageFactsModule as module } from '../../../modules/packages/package-facts.ts'
import { fakeHost } from '../../support/fake-host.ts'
import { runLocally } from '../../support/local-run.ts'

const one = (name: string, more: Partial<DpkgPackage> = {}): DpkgPackage => ({
  ...{ name, architecture: 'amd64', want: 'install', status: 'installed', version: '1.0' },
  ...more,
})
async function packages(facts?: Prediction[]) {
  const host = fakeHost({
    packages: [
      one('b'),
      one('b', { architecture: 'i386' }),
      one('a'),
      one('gone', { status: 'config-files' }),
    ],
    facts,
  })
  const params = module.params.parse({})
  const state = await module.inspect(host, params)
  const plan = module.plan(state, params)
  const { ansible_facts } = module.result!({ state, params, plan, outputs: null })
  return (ansible_facts as { packages: Record<string, unknown[]> }).packages
}

it('tells what is installed, in the shape of Ansible’s', async () => {
  const fact = (name: string, arch = 'amd64') => ({ name, version: '1.0', arch, source: 'apt' })
  expect(await packages()).toEqual({ a: [fact('a')], b: [fact('b'), fact('b', 'i386')] })
})

it('tells in a check what will be', async () => {
  const found = await packages([
    predict(packageKey('a'), { version: null, status: 'absent' }),
    predict(packageKey('c'), { version: '2', status: 'installed' }),
  ])
  expect(Object.keys(found)).toEqual(['b', 'c'])
  expect(found.c).toMatchObject([{ version: '2', arch: expect.any(Unknown) }])
})

it('is a fact of the host from then on', async () => {
  const { lines } = await runLocally(`# play: language=jinja
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.package_facts: { manager: auto }
    - assert:
        that:
          - "'dpkg' in ansible_facts.packages"
          - ansible_facts.packages['dpkg'][0].version is version('1.0', '>')
          - "'no-such-package' not in ansible_facts.packages"
`)
  expect(lines).toEqual(['h1 package_facts ok', 'h1 assert ok'])
})
