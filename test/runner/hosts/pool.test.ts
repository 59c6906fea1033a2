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
  await expect(one.exec(['true'])).rejects.toMatchObject({ code: 'interrupted' })
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

test('a host that is forgotten gets a new connection, also after a failure', async () => {
  let down = true
  const pool = new Connections((name) => {
    if (down) throw new PlayError('unreachable', 'no')
    return connectionSpec(name, { ansible_connection: 'local' }, {})
  })
  await expect(pool.get('a')).rejects.toMatchObject({ code: 'unreachable' })
  down = false
  pool.forget('a')
  const first = await pool.get('a')
  pool.forget('a')
  const second = await pool.get('a')
  expect(second).not.toBe(first)
  expect((await second.exec(['echo', 'there'])).stdout).toBe('there\n')
  await pool.closeAll()
})

test('connections that differ in a password are two, and no key shows it', async () => {
  const pool = new Connections(() => expect.unreachable())
  const spec = (becomePassword: string) => ({
    ...connectionSpec('a', { ansible_connection: 'local' }, {}),
    becomePassword,
  })
  const [one, same, other] = await Promise.all(
    ['quite-secret', 'quite-secret', 'other'].map((password) => pool.like(spec(password))),
  )
  expect(same).toBe(one)
  expect(other).not.toBe(one)
  const { open } = pool as unknown as { open: Map<string, unknown> }
  expect([...open.keys()].join()).not.toContain('quite-secret')
  expect(open.size).toBe(2)
  pool.renewLike(spec('other'))
  expect(await pool.like(spec('other'))).not.toBe(other)
  expect(await pool.like(spec('quite-secret'))).toBe(one)
  await pool.closeAll()
})
