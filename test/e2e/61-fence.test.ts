import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runUntil } from '../kill-points/cut.ts'
import { accountsOf, losses } from '../support/accounts.ts'
import { exchanged } from '../support/exchanged.ts'
import { command, inventory, named, onHost, type Played, playJson, sqlOn } from '../support/play.ts'
import { Writer } from '../support/writer.ts'

/** Numbers of rows that no other test uses. */
const FIRST = 7_000_000
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const after = exchanged('vm3', 'vm4')

/** In the steps' names, as until.ts sees them: what comes just before the promotion, and just after it. */
const PROMOTION = 'pg_promote: the promotion'
const taking = (subscriber: string) => `pg_slot: slot ${subscriber}_from_vm1`

const run = (playbook: string, inventory: string, ...more: string[]): Promise<Played> =>
  playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...more])
const failures = (played: Played): string =>
  played.results
    .filter(({ status, ignored }) => (status === 'failed' || status === 'unreachable') && !ignored)
    .map(({ error }) => [error?.message, error?.hint, ...(error?.details ?? [])].join('\n'))
    .join('\n')

async function done(played: Promise<Played>): Promise<void> {
  const { code } = await played
  expect(failures(await played)).toBe('')
  expect(code).toBe(0)
}
async function refused(played: Promise<Played>, why: RegExp): Promise<void> {
  expect(failures(await played)).toMatch(why)
  expect((await played).code).toBe(2)
  expect(named(await played, 'changed')).toEqual([])
}
async function killedBefore(step: string, inventory: string, newPrimary: string): Promise<void> {
  const cut = await runUntil(
    { step, what: 'kill' },
    'switchover',
    '-i',
    inventory,
    '-e',
    `new_primary=${newPrimary}`,
  )
  expect(cut.begun.at(-1), cut.output.slice(-2000)).toBe('kill!')
}
async function rebooted(host: string): Promise<void> {
  for (const argv of [
    ['lab/lab', 'kill', host],
    ['lab/lab', 'up'],
  ])
    expect(await command(argv)).toMatchObject({ code: 0 })
  // All that starts at boot has started.
  await onHost(host, 'systemctl is-system-running --wait || true')
}
const answers = (host: string, query: string): Promise<string> => sqlOn(host, query).catch(() => 'no answer')
const switchover = (inventory: string, newPrimary: string, ...more: string[]) =>
  run('switchover', inventory, '-e', `new_primary=${newPrimary}`, ...more)
const site = async (inventory: string): Promise<void> => {
  const played = run('site', inventory)
  await done(played)
  expect(named(await played, 'changed')).toEqual([])
}
const workers = "select count(*) from pg_stat_activity where backend_type like 'logical replication%'"

describe('a role change that is cut short, under writers that never stop', () => {
  const writers = [new Writer('vm1', 'test', FIRST), new Writer('vm2', 'test2', FIRST)]

  beforeAll(async () => {
    await done(run('site', inventory))
    for (const writer of writers) writer.start()
  })
  afterAll(async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    await command(['lab/lab', 'up'])
    await sqlOn('vm3', 'drop schema if exists replaced_by_play cascade').catch(() => {})
  })

  it('between stop and promotion leaves no primary: site.yaml is refused, and whoever starts it gets a reader', async () => {
    await killedBefore(PROMOTION, inventory, 'vm4')
    const why =
      /vm3 is to be a primary, and is fenced: vm4 takes over[\s\S]*switchover.yaml -i inventory -e new_primary=vm4/
    await refused(run('site', inventory), why)
    await refused(run('site', inventory, '--limit', 'vm1'), why)
    await refused(run('add-standby', inventory, '--limit', 'vm4'), why)
    await refused(run('minor-upgrade', inventory), why)
    await rebooted('vm3')
    expect(await answers('vm3', 'select 1')).toBe('no answer')
    await onHost('vm3', 'pg_ctlcluster 15 main start')
    expect(await answers('vm3', 'select pg_is_in_recovery()')).toBe('t')
    expect(await answers('vm3', workers)).toBe('0')
  })

  it('is run again, and converges', async () => {
    await done(switchover(inventory, 'vm4'))
    await site(after)
    expect(await onHost('vm3', 'cat /var/lib/postgresql/15/main/standby.signal')).toBe('')
    expect(await onHost('vm3', 'tail -n 1 /etc/postgresql/15/main/start.conf')).toBe('auto')
  })

  it('after the promotion leaves an old primary that site.yaml of before does not start', async () => {
    await killedBefore(taking('vm3'), after, 'vm3')
    const why = /vm4 is to be a primary, and vm3 took over from it at [\s\S]*run it again/
    await refused(run('site', after), why)
    await refused(run('add-standby', after, '--limit', 'vm3'), why)
    await refused(run('minor-upgrade', after), why)
    // Somebody starts it all the same.
    await onHost('vm4', 'systemctl start postgresql@15-main')
    expect(await answers('vm4', 'select pg_is_in_recovery()')).toBe('t')
    expect(await answers('vm4', workers)).toBe('0')
    await done(switchover(after, 'vm3'))
    await site(inventory)
  })

  it('after the promotion leaves an old primary that a boot does not start', async () => {
    await killedBefore(taking('vm4'), inventory, 'vm4')
    await rebooted('vm3')
    expect(await answers('vm3', 'select 1')).toBe('no answer')
    await done(switchover(inventory, 'vm4'))
    await site(after)
  })

  it('every acknowledged row is on every host, exactly once', async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    const accounts = (await Promise.all(writers.map((writer) => accountsOf(writer, HOSTS)))).flat()
    expect(losses(accounts)).toEqual([])
    for (const { acknowledged } of accounts) expect(acknowledged).toBeGreaterThan(1000)
  })
})
