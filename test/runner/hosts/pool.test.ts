import { expect, test } from 'vitest'
import { PlayError } from '../../../runner/errors.ts'
import { Connections } from '../../../runner/hosts/pool.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'

test('all who ask for a host share one connection', async () => {
  const pool = new Connections((name) => connectionSpec(name, { ansible_connection: 'local' }, {}))
  const [one, two] = await Promise.all([pool.get('a'), pool.get('a')])
  expect(one).toBe(two)
  expect(await pool.get('b')).not.toBe(one)
  await pool.closeAll()
  await expect(one!.exec(['true'])).rejects.toMatchObject({ code: 'interrupted' })
})

test('a host that failed stays failed for the run, and is tried once', async () => {
  let tries = 0
  const pool = new Connections(() => {
    tries++
    throw new PlayError('unreachable', 'no')
  })
  for (const _ of [1, 2]) await expect(pool.get('a')).rejects.toMatchObject({ code: 'unreachable' })
  expect(tries).toBe(1)
  await pool.closeAll()
})
