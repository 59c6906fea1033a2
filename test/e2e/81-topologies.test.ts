import { afterAll, describe, expect, it } from 'vitest'
import { failures } from '../support/converged.ts'
import { example } from '../support/examples.ts'
import { lab, onGuest } from '../support/guests.ts'
import { named, play, playJson, sqlOn } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'

/** The example inventories, on the lab's hosts: from bare, and again. */
const statuses = (played: Awaited<ReturnType<typeof playJson>>) =>
  played.results.map(({ task, host, item, status }) => `${task} | ${host} | ${item} | ${status}`).sort()

afterAll(async () => {
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})

it('lines of /etc/hosts come and go where they are asked for, and no other line is touched', async () => {
  await lab('up')
  const hosts = () => onGuest('vm1', 'cat /etc/hosts')
  const before = await hosts()
  const asked = (how: string) =>
    playJson(['playbooks/site.yaml', ...example('pair'), '-t', 'prepare', '-e', `pg_host_names=${how}`])
  const made = await asked('present')
  expect(failures(made)).toEqual([])
  expect(await hosts()).toMatch(/^10\.\S+\t\S+$/m)
  expect(named(await asked('present'), 'changed')).toEqual([])
  expect(failures(await asked('absent'))).toEqual([])
  expect(await hosts()).toBe(before)
})

describe.each([
  ['pair', 'vm2', 'vm1'],
  ['cascade', 'vm3', 'vm2'],
  ['two-fleets', 'vm2', 'vm1'],
])('%s', (name, standby, upstream) => {
  it('is foretold on bare hosts, built, and there is nothing to change then', async () => {
    await lab('reset')
    const args = ['playbooks/site.yaml', ...example(name)]
    const check = await playJson([...args, '--check'])
    expect(failures(check)).toEqual([])
    const run = await playJson(args)
    expect(failures(run)).toEqual([])
    expect(statuses(run)).toEqual(statuses(check))
    expect(named(await playJson(args), 'changed')).toEqual([])
  })

  it('replicates, and play status has nothing to say', async () => {
    expect(await sqlOn(standby, 'select status from pg_stat_wal_receiver')).toBe('streaming')
    expect(await sqlOn(upstream, "select count(*) from pg_stat_replication where state = 'streaming'")).toBe(
      '1',
    )
    const { code, stdout } = await play(['status', ...example(name)])
    expect([code, stdout.match(/(differs|warning|danger) .*/g)]).toEqual([0, null])
  })
})
