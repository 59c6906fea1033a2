import { expect, it } from 'vitest'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { type Keep, keepSteps } from '../../../postgres/rewind/keep.ts'
import { asRoot, OF_POSTGRES } from '../../support/plans.ts'

const cluster = { dataDir: '/var/lib/postgresql/15/main' } as Cluster
const keep: Keep = {
  path: '/var/lib/postgresql/15/main.before-rewind-1-0_3000148',
  there: true,
  temporary: 'absent',
  needed: 1,
  free: 1,
  shares: false,
}

it('a copy that is there is not made again, and the folder of the run that was cut short behind it goes', () => {
  expect(keepSteps(cluster, keep)).toEqual({ changes: [], steps: [] })
  expect(keepSteps(cluster, { ...keep, temporary: 'ours' })).toEqual({
    changes: [],
    steps: [{ do: 'remove', path: '/var/lib/postgresql/15/main.play-keep' }],
  })
})

it('the copy is made with the rights of the user whose folders these are', () => {
  const { steps } = keepSteps(cluster, { ...keep, there: false, shares: true })
  expect(steps.some((step) => step.do === 'exec' && step.argv[0] === 'cp')).toBe(true)
  expect(asRoot({ steps }, ...OF_POSTGRES)).toEqual([])
})
