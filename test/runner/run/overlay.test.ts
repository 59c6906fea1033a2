import { expect, it } from 'vitest'
import { Overlay } from '../../../runner/run/overlay.ts'

it('finds every prediction whose key begins so, those of what will be gone included', () => {
  const overlay = new Overlay()
  const predicts = { 'pg/table/a.b': 1, 'pg/table/a.c': null, 'pg/role/a': 2, 'pg/table/d.e': 3 }
  overlay.record({ changes: [], steps: [], predicts })
  overlay.record({ changes: [], steps: [], predicts: { 'pg/table/a.b': undefined, 'pg/table/a.f': 4 } })
  expect([...overlay.startingWith('pg/table/a.')]).toEqual([
    ['c', null],
    ['f', 4],
  ])
})
