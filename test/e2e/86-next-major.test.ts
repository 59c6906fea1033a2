import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountsOf, losses } from '../support/accounts.ts'
import { failures } from '../support/converged.ts'
import { lab } from '../support/guests.ts'
import { eventually, inventory, named, onHost, play, playJson, postgresql, sqlOn } from '../support/play.ts'
import { saying } from '../support/serving.ts'
import { SITE } from '../support/tasks.ts'
import { Writer } from '../support/writer.ts'

/** Debian 13 has 17, and the lab's repository Debian 12's 15 besides. */
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const NEXT = ['-e', 'next_version=17']
const STOPPED = [...NEXT, '-e', 'writes_stopped=yes']
const run = (playbook: string, version: number, ...more: string[]) =>
  playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...saying({ pg_version: version }), ...more])
const done = async (playbook: string, version: number, ...more: string[]) => {
  const played = await run(playbook, version, ...more)
  expect(failures(played)).toEqual([])
  return played
}
const serving = () => Promise.all(HOSTS.map((host) => sqlOn(host, 'show server_version_num')))
const majors = async () => (await serving()).map((number) => Math.floor(Number(number) / 10_000))

describe.runIf(postgresql >= 17)('from 15 to 17 (only with PostgreSQL 17 or newer)', () => {
  const clients = [new Writer('vm1', 'test', 1_000_000, 100), new Writer('vm2', 'test2', 1_000_000, 100)]
  const stop = () => Promise.all(clients.map((client) => client.stop()))

  beforeAll(async () => {
    await lab('reset')
    await done('site', 15)
    expect(await majors()).toEqual([15, 15, 15, 15])
  })
  afterAll(async () => {
    await stop()
    await lab('reset')
    expect((await playJson(SITE)).code).toBe(0)
  })

  it('new clusters are filled beside the present ones while clients write, as foretold', async () => {
    for (const client of clients) client.start()
    const check = await done('major-upgrade', 15, ...NEXT, '--check')
    const filled = await done('major-upgrade', 15, ...NEXT)
    expect(named(filled, 'changed')).toEqual(named(check, 'changed'))
    const before = clients.map(({ acknowledged }) => acknowledged.length)
    await eventually('the clients to go on', async () =>
      clients.every(({ acknowledged }, at) => acknowledged.length > before[at]! + 200),
    )
  })

  it('once nobody writes they take their places, with every row that was acknowledged', async () => {
    await stop()
    const check = await done('major-switch', 15, ...STOPPED, '--check')
    const switched = await done('major-switch', 15, ...STOPPED)
    expect(named(switched, 'changed')).toEqual(named(check, 'changed'))
    expect(await majors()).toEqual([17, 17, 17, 17])
    const accounts = await Promise.all(clients.map((client) => accountsOf(client, HOSTS)))
    expect(losses(accounts.flat())).toEqual([])
    process.stdout.write(`${clients.map(({ acknowledged }) => acknowledged.length)} rows acknowledged\n`)
  })

  it('site.yaml has nothing to change then, and play status nothing to tell', async () => {
    expect(named(await done('site', 17), 'changed')).toEqual([])
    const { code, stdout } = await play(['status', '-i', inventory, ...saying({ pg_version: 17 })])
    expect([code, stdout.match(/(differs|warning|danger) .*/g)]).toEqual([0, null])
    for (const host of HOSTS)
      expect(await onHost(host, 'pg_lsclusters -h')).toMatch(
        /^15 +main +5433 +down.*\n17 +main +5432 +online/,
      )
  })
})
