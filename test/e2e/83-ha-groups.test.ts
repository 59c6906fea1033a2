import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountsOf, losses } from '../support/accounts.ts'
import { failures, saidBy } from '../support/converged.ts'
import { lab, onGuest } from '../support/guests.ts'
import { APP, address, at, done, nothingToChange, run, statuses, written } from '../support/ha-group.ts'
import { eventually, named, onHost, play, playJson, quote, sqlOn } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'
import { Writer } from '../support/writer.ts'

/** Hosts that stand in for each other: who is the primary is found, and nobody edits an inventory. */

/** By libpq, from vm1, as an application does (docs/clients.md). */
const whoAnswers = (hosts: readonly string[], attributes: string): Promise<string> => {
  const target = `host=${hosts.map(address).join(',')} connect_timeout=5 dbname=${APP.dbname} user=${APP.user} target_session_attrs=${attributes}`
  return onHost('vm1', `PGPASSWORD=${APP.password} psql -XAtqc 'select inet_server_addr()' ${quote(target)}`)
}

afterAll(async () => {
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})

describe('three of a group, and a publisher', () => {
  const MEMBERS = ['vm2', 'vm3', 'vm4']
  const fleet = written(
    'three',
    { vm1: { ansible_host: address('vm1'), publishes: ['test'] } },
    { pg_primary: 'vm2', subscribes_to: ['vm1'] },
    at(...MEMBERS),
  )
  const writer = new Writer('vm1', 'test', 8_000_000, 100)
  const everywhere = async () =>
    losses(await accountsOf({ ...writer, acknowledged: [...writer.acknowledged] }, MEMBERS))

  beforeAll(async () => {
    await lab('reset')
  })
  afterAll(() => writer.stop())

  it('are built as the inventory declares, as the check foretold, and there is nothing to change then', async () => {
    const check = await run('site', fleet, '--check')
    expect(failures(check)).toEqual([])
    const real = await done('site', fleet)
    expect(statuses(real)).toEqual(statuses(check))
    await nothingToChange(fleet)
    writer.start()
    await eventually('the writer to write', async () => writer.acknowledged.length > 100)
  })

  it('are found by clients that name all of them', async () => {
    expect(await whoAnswers(MEMBERS, 'read-write')).toBe(address('vm2'))
    expect(await whoAnswers(['vm3', 'vm4', 'vm2'], 'primary')).toBe(address('vm2'))
    expect(await whoAnswers(MEMBERS, 'standby')).toBe(address('vm3'))
    expect(await whoAnswers(MEMBERS, 'prefer-standby')).toBe(address('vm3'))
  })

  it('change their roles without an edit, and site.yaml has nothing to change then', async () => {
    await done('switchover', fleet, '-e', 'new_primary=vm3')
    expect(await sqlOn('vm3', 'select count(*) from pg_stat_replication')).toBe('2')
    await nothingToChange(fleet)
    expect(await everywhere()).toEqual([])
    expect(await whoAnswers(MEMBERS, 'read-write')).toBe(address('vm3'))
    expect(await whoAnswers(MEMBERS, 'standby')).toBe(address('vm2'))
  })

  it('find the roles anew for each playbook of a run', async () => {
    const played = await playJson([
      ...['playbooks/switchover.yaml', 'playbooks/site.yaml', '-i', fleet],
      ...['-e', 'new_primary=vm4'],
    ])
    expect(failures(played)).toEqual([])
    expect(await sqlOn('vm4', 'select pg_is_in_recovery()')).toBe('f')
    await done('switchover', fleet, '-e', 'new_primary=vm3')
    await nothingToChange(fleet)
  })

  it('are left alone while one of them does not answer, and others are not', async () => {
    await onGuest('vm4', 'systemctl stop ssh.socket ssh')
    const refused = await run('site', fleet, '-e', '{"pg_settings": {"work_mem": "5MB"}}')
    expect(refused.code).not.toBe(0)
    expect(saidBy(refused)).toContain('vm4 does not answer, and may know of a later primary than vm3')
    expect(named(refused, 'changed')).toEqual(['vm1: Settings'])
    expect((await run('switchover', fleet, '-e', 'new_primary=vm2')).code).not.toBe(0)
    const told = await run('site', fleet, '-e', '{"pg_settings": {"work_mem": "5MB"}}', '-e', 'primary=vm3')
    expect(named(told, 'changed')).toEqual(['vm2: Settings', 'vm3: Settings'])
    const status = await play(['status', '-i', fleet, '-l', 'vm3'])
    expect(saidBy(status)).toContain('vm4 does not answer')
    await onGuest('vm4', 'systemctl start ssh')
    await done('site', fleet, '-e', '{"pg_settings": {"work_mem": "5MB"}}')
  })

  it('are left alone where one of them has heard of a later timeline', async () => {
    const history = '/var/lib/postgresql/15/main/pg_wal/00000063.history'
    await onHost('vm4', `install -o postgres -m 0600 /dev/null ${history}`)
    const refused = await run('site', fleet, '-e', '{"pg_settings": {"work_mem": "6MB"}}')
    expect(saidBy(refused)).toContain('vm4 knows timeline 99')
    expect(named(refused, 'changed')).toEqual(['vm1: Settings'])
    expect((await run('switchover', fleet, '-e', 'new_primary=vm2', '-e', 'primary=vm3')).code).not.toBe(0)
    expect(saidBy(await play(['status', '-i', fleet]))).toContain('vm4 knows timeline 99')
    await onHost('vm4', `rm ${history}`)
  })

  it('take over from one that is gone, which comes back, without an edit', async () => {
    // Long records, so that both have received the beginning of one whose end never comes: none is ahead by that.
    const written = sqlOn(
      'vm3',
      `do $$ begin loop perform pg_logical_emit_message(false, 'play', repeat('x', 30000)); perform pg_sleep(0.05); end loop; end $$`,
    ).catch(() => 'the power is off')
    const begun = 'select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()'
    await eventually('a record to be received in part', async () => {
      const both = await Promise.all([sqlOn('vm2', begun), sqlOn('vm4', begun)])
      return both.every((one) => one === 't')
    })
    await lab('kill', 'vm3')
    await written
    const failover = ['-e', 'new_primary=vm2', '-e', 'lost_writes=accept']
    await done('failover', fleet, ...failover).catch(async () => {
      // The other one has received more of what was written last.
      const said = saidBy(await run('failover', fleet, ...failover))
      expect(said).toContain('let vm4 take over')
      await done('failover', fleet, '-e', 'new_primary=vm4', '-e', 'lost_writes=accept')
    })
    const primary = (await sqlOn('vm2', 'select pg_is_in_recovery()')) === 'f' ? 'vm2' : 'vm4'
    expect(await whoAnswers(MEMBERS, 'read-write')).toBe(address(primary))
    const away = await run('site', fleet, '-e', `primary=${primary}`)
    expect(named(away, 'failed')).toEqual([])
    await lab('start', 'vm3')
    expect(saidBy(await play(['status', '-i', fleet]))).toContain('danger')
    expect(saidBy(await run('site', fleet))).toContain(`${primary} took over from vm3`)
    await done('rejoin', fleet, '-e', 'host=vm3')
    await nothingToChange(fleet)
    await writer.stop()
    expect(await everywhere()).toEqual([])
    expect(writer.acknowledged.length).toBeGreaterThan(1000)
  })

  it('may not say different things', async () => {
    const other = written(
      'torn',
      { vm1: { ansible_host: address('vm1'), publishes: ['test'] } },
      { pg_primary: 'vm2' },
      { ...at('vm2', 'vm3'), vm4: { ansible_host: address('vm4'), subscribes_to: ['vm1'] } },
    )
    const refused = await run('site', other)
    expect(refused.code).toBe(1)
    expect(saidBy(refused)).toContain('vm4: it says another subscribes_to than vm2')
  })
})

describe('two of a group', () => {
  const fleet = written('two', {}, { pg_primary: 'vm2' }, at('vm2', 'vm3'))

  it('are built, change their roles, and one takes over', async () => {
    await lab('reset')
    const check = await run('site', fleet, '--check')
    expect(statuses(await done('site', fleet))).toEqual(statuses(check))
    await nothingToChange(fleet)
    await done('switchover', fleet, '-e', 'new_primary=vm3')
    await nothingToChange(fleet)
    await lab('kill', 'vm3')
    await done('failover', fleet, '-e', 'new_primary=vm2', '-e', 'lost_writes=accept')
    // Again: there is nothing left to do.
    const again = await done('failover', fleet, '-e', 'new_primary=vm2', '-e', 'lost_writes=accept')
    expect(named(again, 'changed')).toEqual([])
    await lab('start', 'vm3')
    await done('rejoin', fleet, '-e', 'host=vm3')
    await nothingToChange(fleet)
  })
})
