import { beforeAll, expect, it } from 'vitest'
import { runUntil } from '../kill-points/cut.ts'
import { failures } from '../support/converged.ts'
import { eventually, inventory, named, onHost, type Played, play, playJson, sqlOn } from '../support/play.ts'
import { dropped, serving } from '../support/serving.ts'

// The lab's repository holds one version: a second cluster of it stands in for the next.
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const NEXT = ['-e', 'next_version=15', '-e', 'next_cluster=next', '-e', 'writes_stopped=yes']
const run = (playbook: string, ...more: string[]): Promise<Played> =>
  playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...more])
const ids = async (table: string) =>
  Promise.all(HOSTS.map((host) => sqlOn(host, `select string_agg(id::text, ',' order by id) from ${table}`)))

beforeAll(async () => {
  expect(failures(await run('site'))).toEqual([])
})

it('a switch to the new clusters that is killed half-way is carried on with, its standby too, and nothing is lost', async () => {
  const before = await Promise.all(['test', 'test2'].map(ids))
  expect(failures(await run('major-upgrade', ...NEXT))).toEqual([])
  for (const step of ['dropping slot play_upgrade', 'the restart of cluster 15/next']) {
    const cut = await runUntil({ step, what: 'kill' }, 'major-switch', '-i', inventory, ...NEXT)
    expect(cut.reached).toBe(true)
  }
  expect(failures(await run('major-switch', ...NEXT))).toEqual([])
  // The sockets of these clusters have the port that the old ones had.
  expect(await Promise.all(['test', 'test2'].map(ids))).toEqual(before)
  const site = await run('site', ...serving('next'))
  expect([failures(site), named(site, 'changed')]).toEqual([[], []])
  const status = () => play(['status', '-i', inventory, ...serving('next')])
  await eventually('play status to have nothing to tell', async () => {
    const { code, stdout } = await status()
    return code === 0 || stdout
  })
  for (const host of HOSTS)
    expect(await onHost(host, 'pg_lsclusters -h')).toMatch(/^15 +main +5433 +down.*\n15 +next +5432 +online/)
}, 300_000)

it('and back again the same way', async () => {
  const back = [
    ...serving('next'),
    '-e',
    'next_version=15',
    '-e',
    'next_cluster=main',
    '-e',
    'writes_stopped=yes',
  ]
  for (const host of HOSTS) await onHost(host, dropped('main'))
  expect(failures(await run('major-upgrade', ...back))).toEqual([])
  expect(failures(await run('major-switch', ...back))).toEqual([])
  for (const host of HOSTS) await onHost(host, dropped('next'))
  const site = await run('site')
  expect([failures(site), named(site, 'changed')]).toEqual([[], []])
}, 300_000)
