import { expect, it } from 'vitest'
import type { Refusal } from '../../../contract/errors.ts'
import { findCluster } from '../../../runner/adopt/find-cluster.ts'
import { fakeHost } from '../../support/fake-host.ts'

const host = (...clusters: string[]) =>
  fakeHost({
    name: 'db1',
    files: Object.fromEntries(clusters.map((name) => [`/etc/postgresql/${name}/postgresql.conf`, ''])),
  })
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const { message, hint } = await promise.then(
    () => ({ message: 'found', hint: '' }),
    (error: Refusal) => error,
  )
  return `${message} | ${hint}`
}

it('takes the only one, or the one that is named', async () => {
  expect(await findCluster(host('15/prod'), {})).toEqual({ version: '15', cluster: 'prod' })
  expect(await findCluster(host('15/prod', '16/main'), { version: '16' })).toEqual({
    ...{ version: '16', cluster: 'main' },
  })
  expect(await findCluster(host('15/a', '15/b'), { version: '15', cluster: 'b' })).toEqual({
    ...{ version: '15', cluster: 'b' },
  })
})

it('says what to type where there are several, none of that name, or none', async () => {
  expect(await refusal(findCluster(host('15/a', '16/b'), {}))).toBe(
    'there are several clusters on db1: 15/a, 16/b | Say which: -e pg_version=15 -e pg_cluster=a, or -e pg_version=16 -e pg_cluster=b.',
  )
  expect(await refusal(findCluster(host('15/a'), { cluster: 'main' }))).toBe(
    'there is no cluster …/main on db1, but 15/a | Say which: -e pg_version=15 -e pg_cluster=a.',
  )
  expect(await refusal(findCluster(host(), {}))).toMatch(
    /there is no cluster of PostgreSQL on db1 .*site\.yaml/,
  )
})
