import { describe, expect, it } from 'vitest'
import type { Gap } from '../../../runner/status/look/gaps.ts'
import { suspectsAmong } from '../../../runner/status/look/gaps.ts'
import type { ServerLook } from '../../../runner/status/look/look.ts'
import { compared, GOOD, said, slot, subscription } from './looks.ts'

const fence = { successor: 'vm4', startConf: 'auto' as const }
const stopped = { state: 'stopped' as const, why: 'cluster 15/main is not running' }
const promoted = { recovery: false, standby: null, subscriptions: [], publications: [], timeline: 2 }
const hints = (...otherwise: Parameters<typeof compared>) =>
  compared(...otherwise)
    .flatMap(({ findings }) => findings.map(({ hint }) => hint))
    .join('\n')

describe('a primary that is fenced', () => {
  it('is a danger while nobody is a primary, and says what to run again', () => {
    for (const vm3 of [
      { ...stopped, fence },
      { state: 'running' as const, server: { ...GOOD.vm3!, recovery: true }, fence },
    ]) {
      expect(said({ vm3 })[0]).toBe(
        'vm3 danger: nobody is a primary: it is fenced, because vm4 was to take over from it',
      )
      expect(hints({ vm3 })).toContain('play playbooks/switchover.yaml -i INVENTORY -e new_primary=vm4')
    }
  })

  it('differs where its successor is one, which keeps its subscriptions', () => {
    const vm3 = { ...stopped, fence }
    const subscriptions = GOOD.vm3!.subscriptions.slice(0, 1)
    expect(hints({ vm3, vm4: { ...promoted, subscriptions } })).toContain('It took over')
    expect(hints({ vm3, vm4: { ...promoted, subscriptions } })).not.toContain('slot_name = NONE')
    expect(said({ vm3, vm4: promoted })).toContain('vm3 difference: it is fenced: vm4 took over from it')
  })
})

it('a primary that is stopped is a danger where it leaves its standbys without one', () => {
  expect(said({ vm3: stopped })[0]).toBe(
    'vm3 danger: cluster 15/main is not running, and nobody is a primary of vm3, vm4',
  )
  expect(said({ vm1: stopped })).toEqual(['vm1 difference: cluster 15/main is not running'])
  expect(said({ vm3: stopped, vm4: promoted })[0]).toBe('vm3 difference: cluster 15/main is not running')
})

it('two primaries of one system are a danger, said of the one that has to go', () => {
  const dangers = (vm3: Partial<ServerLook>, vm4: Partial<ServerLook>) =>
    said({ vm3, vm4: { ...promoted, ...vm4 } }).filter((line) => line.includes('danger'))
  expect(dangers({ timeline: 1 }, {})).toEqual([
    'vm3 danger: it is a second primary: vm4 took over from it (timeline 2, here 1)',
  ])
  expect(dangers({ timeline: 2 }, {})).toHaveLength(2)
  expect(dangers({ timeline: 1 }, { system: '43' })).toEqual([])
})

describe('what a slot has confirmed and its subscriber has not applied', () => {
  const nameOf = (address: string) => `vm${address.at(-1)}`
  const among = (applied: string | null, confirmed: string, more = {}) =>
    suspectsAmong(
      new Map([
        ['vm1', { ...GOOD.vm1!, slots: [slot('vm3_from_vm1', { confirmed })] }],
        [
          'vm3',
          {
            ...GOOD.vm3!,
            subscriptions: [subscription('vm1', 'public.test', { slot: 'vm3_from_vm1', applied, ...more })],
          },
        ],
      ]),
      nameOf,
    )

  it('is looked into where the one is ahead of the other, and nothing is being copied', () => {
    expect(among('0/100', '0/200')).toMatchObject([{ host: 'vm3', publisher: 'vm1', slot: 'vm3_from_vm1' }])
    expect(among('0/200', '0/200')).toEqual([])
    expect(among('0/100', '0/200', { tables: { 'public.test': 'd' } })).toEqual([])
    expect(among('0/100', '0/200', { host: '10.15.0.9' })).toEqual([])
  })

  it('is the first of all findings', () => {
    const gap: Gap = {
      subscription: 'from_vm1',
      publisher: 'vm1',
      slot: 'vm3_from_vm1',
      confirmed: '0/200',
      applied: '0/100',
      transactions: 2,
      rows: 3,
    }
    const [first] = compared({ vm3: { subscriptions: [] } }, new Map([['vm3', [gap]]])).find(
      ({ wanted }) => wanted.host === 'vm3',
    )!.findings
    expect(first).toMatchObject({
      kind: 'danger',
      what: 'subscription from_vm1 has missed 3 inserted rows of 2 transactions: slot vm3_from_vm1 on vm1 has confirmed up to 0/200, and 0/100 was applied here',
    })
  })
})
