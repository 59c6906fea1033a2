import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runUntil } from '../kill-points/cut.ts'
import { accountsOf, losses } from '../support/accounts.ts'
import { messages } from '../support/converged.ts'
import { exchanged } from '../support/exchanged.ts'
import {
  command,
  eventually,
  inventory,
  named,
  onHost,
  type Played,
  play,
  playJson,
  sqlOn,
} from '../support/play.ts'
import { Writer } from '../support/writer.ts'

// Each is several role changes, and hosts that boot.
vi.setConfig({ testTimeout: 900_000 })

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
const status = async (inventory: string): Promise<string> =>
  (await play(['status', '-i', inventory, '--timeout', '60'])).stdout
const workers = "select count(*) from pg_stat_activity where backend_type like 'logical replication%'"

describe('a role change that is cut short, under writers that never stop', () => {
  const writers = [new Writer('vm1', 'test', FIRST), new Writer('vm2', 'test2', FIRST)]

  beforeAll(async () => {
    await done(run('site', inventory))
    // Of an earlier run of this file.
    await sqlOn('vm1', `delete from test where id >= ${FIRST}`)
    await sqlOn('vm2', `delete from test2 where id >= ${FIRST}`)
    for (const writer of writers) writer.start()
  })
  afterAll(async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    await command(['lab/lab', 'up'])
    for (const host of ['vm3', 'vm4'])
      await sqlOn(host, 'drop schema if exists replaced_by_play cascade').catch(() => {})
  })

  it('between stop and promotion leaves no primary: site.yaml is refused, and whoever starts it gets a reader', async () => {
    await killedBefore(PROMOTION, inventory, 'vm4')
    const why =
      /vm3 is to be a primary, and is fenced: vm4 takes over[\s\S]*switchover.yaml -i INVENTORY -e new_primary=vm4/
    await refused(run('site', inventory), why)
    await refused(run('site', inventory, '--limit', 'vm1'), why)
    await refused(run('add-standby', inventory, '--limit', 'vm4'), why)
    await refused(run('minor-upgrade', inventory), why)
    expect(await status(inventory)).toMatch(
      /^danger {3}vm3: nobody is a primary: it is fenced[^\n]*\n +hint: [^\n]*switchover.yaml -i INVENTORY -e new_primary=vm4/m,
    )
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

  it('refuses what ran in between in spite of the fence, with the numbers; status shows it', async () => {
    await killedBefore(taking('vm3'), after, 'vm3')
    // Whoever lifts the fence by hand takes back both of its parts.
    await onHost(
      'vm4',
      `rm /var/lib/postgresql/15/main/standby.signal && sed -i 's/^manual$/auto/' /etc/postgresql/15/main/start.conf &&
      pg_ctlcluster 15 main start`,
    )
    const consumed = `select confirmed_flush_lsn > '${await sqlOn('vm1', 'select pg_current_wal_lsn()')}'::pg_lsn
      from pg_replication_slots where slot_name = 'vm4_from_vm1'`
    await eventually('vm4 to consume its slots', async () => (await sqlOn('vm1', consumed)) === 't', 120)
    const said = await status(after)
    expect(said).toMatch(/^danger {3}vm4: it is a second primary: vm3 took over from it/m)
    expect(said).toMatch(
      /^danger {3}vm3: subscription from_vm1 has missed \d+ inserted rows of \d+ transactions/m,
    )
    await refused(run('site', after), /vm4 is to be a primary, and vm3 took over from it/)
    await refused(
      switchover(after, 'vm3'),
      /slot vm4_from_vm1 on vm1 has confirmed \d+ transactions with \d+ changed rows that are not here/,
    )
    await onHost('vm4', 'pg_ctlcluster 15 main stop')
    // The old primary has a history of its own by now: this is for rejoin.yaml.
    const mended = await switchover(after, 'vm3', '-e', 'lost_changes=recopy')
    expect(failures(mended)).toMatch(/may have written what .* never got/)
    await done(run('rejoin', inventory, '-e', 'host=vm4'))
    await site(inventory)
  })

  it('a failover says what to type where it cannot fence, and that is a fence', async () => {
    expect(await command(['lab/lab', 'kill', 'vm3'])).toMatchObject({ code: 0 })
    const lost = ['-e', 'lost_changes=recopy', '-e', 'lost_writes=accept']
    const failed = await run('failover', inventory, '-e', 'new_primary=vm4', ...lost)
    expect(failures(failed)).toBe('')
    const console = /As root on its console:\s*\n(.*)/.exec(messages(failed))?.[1]
    expect(console).toContain('standby.signal')
    await rebooted('vm3')
    // Typed twice, it forgets nothing.
    await onHost('vm3', `{ ${console}; }; { ${console}; }`)
    expect(await answers('vm3', 'select 1')).toBe('no answer')
    expect(await status(after)).toMatch(/vm3: it is fenced: vm4 took over from it/)
    await refused(run('site', inventory), /vm3 is to be a primary, and vm4 took over from it/)
    await done(run('rejoin', after, '-e', 'host=vm3'))
    expect(await onHost('vm3', 'grep -xE "auto|manual" /etc/postgresql/15/main/start.conf')).toBe('auto')
    await site(after)
  })

  it('a failover fences a server that is down where its host is up', async () => {
    await onHost('vm4', 'systemctl kill -s KILL postgresql@15-main')
    const lost = ['-e', 'lost_changes=recopy', '-e', 'lost_writes=accept']
    await done(run('failover', after, '-e', 'new_primary=vm3', ...lost))
    await rebooted('vm4')
    expect(await answers('vm4', 'select 1')).toBe('no answer')
    await done(run('rejoin', inventory, '-e', 'host=vm4'))
    await site(inventory)
  })

  it('every acknowledged row is on every host, exactly once', async () => {
    await Promise.all(writers.map((writer) => writer.stop()))
    const accounts = (await Promise.all(writers.map((writer) => accountsOf(writer, HOSTS)))).flat()
    expect(losses(accounts)).toEqual([])
    for (const { acknowledged } of accounts) expect(acknowledged).toBeGreaterThan(1000)
  })
})
