import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { prepare } from '../kill-points/hosts.ts'
import { losses } from '../support/accounts.ts'
import { otherWay } from '../support/arrangement.ts'
import { Clients, HOSTS } from '../support/clients.ts'
import { failures, faultsOf } from '../support/converged.ts'
import { onGuest, sqlOnGuest } from '../support/guests.ts'
import { FAILOVER, Operator } from '../support/operator.ts'
import { command, eventually, type Played } from '../support/play.ts'

const DATA = '/var/lib/postgresql'
/** Seconds until a row that is on its way must have come. */
const ARRIVES = 60

const operator = new Operator()
const clients = new Clients(50, 54_000_000)
/** How what was made ill is cured, in the order of the making. */
const cures: [host: string, text: string][] = []

async function ill(host: string, text: string, cure: string): Promise<void> {
  cures.push([host, cure])
  await onGuest(host, text)
}
async function cured(): Promise<void> {
  for (const [host, text] of cures.splice(0).toReversed()) await onGuest(host, text)
}
const readOnly = (host: string, folder: string) =>
  ill(host, `mount --bind ${folder} ${folder} && mount -o remount,ro,bind ${folder}`, `umount ${folder}`)
const small = (host: string, folder: string, options: string, then = ':') =>
  ill(
    host,
    `cp -a ${folder} /root/was && mount -t tmpfs -o ${options} none ${folder} && chown --reference=/root/was ${folder} &&
     chmod --reference=/root/was ${folder} && ${then}`,
    `umount ${folder}; rm -rf /root/was`,
  )

/** What a run said about its failure. */
const saidOf = (played: Played): string => JSON.stringify(failures(played))

/** The given rows are on every host exactly once, and nothing is left of any run. */
async function allIsWell(): Promise<void> {
  expect(losses(await clients.audit(ARRIVES))).toEqual([])
  const now = await operator.look()
  expect(await faultsOf({ ...now, said: operator.said })).toEqual([])
}

beforeAll(async () => {
  await operator.beginWell()
  clients.start()
})
// What a test before has left broken is made anew, and what was written until then with it.
beforeEach(async () => {
  await clients.stop()
  clients.forget()
  await operator.beginWell()
  clients.resume()
})
afterEach(async () => {
  await cured()
  await operator.tidy()
})
afterAll(async () => {
  await operator.endWell()
  await clients.end()
})

describe('a disk that takes nothing', () => {
  /** A standby that is to be built, with what of its host is ill. */
  const BUILT: [what: string, make: (host: string) => Promise<void>, says: RegExp][] = [
    ['whose data is read-only', (host) => readOnly(host, DATA), /Read-only file system/],
    ['whose /etc is read-only', (host) => readOnly(host, '/etc'), /Read-only file system/],
    ['whose disk has no inodes left', (host) => small(host, DATA, 'nr_inodes=300'), /only its inodes/],
    ['whose disk is full', (host) => small(host, DATA, 'size=20m'), /The disk is full/],
    [
      'whose /tmp is full',
      (host) => small(host, '/tmp', 'size=4k,mode=1777', 'head -c 8192 /dev/zero >/tmp/full || true'),
      /The disk is full/,
    ],
  ]

  it.each(BUILT)('a standby %s: says so, others go on, and the next run builds it', async (_, make, says) => {
    const now = await operator.arrangement()
    await prepare('bare', now)
    await make(now.standby)
    const played = await operator.run('site', now.inventory)
    expect(played.code).not.toBe(0)
    expect(saidOf(played)).toMatch(says)
    expect(played.results.filter(({ host, status }) => host !== now.standby && status === 'failed')).toEqual(
      [],
    )
    await cured()
    await operator.mustRun('site', now.inventory)
    await allIsWell()
  })

  it('the package database has no room: what dpkg said is shown, and the next run goes on', async () => {
    const now = await operator.arrangement()
    await prepare('bare', now)
    await onGuest(now.standby, 'DEBIAN_FRONTEND=noninteractive apt-get purge -qq -y postgresql-15 >/dev/null')
    await ill(
      now.standby,
      `kb=$(du -sk /var/lib/dpkg | cut -f1)
       cp -a /var/lib/dpkg /root/was && mount -t tmpfs -o size=$((kb + 300))k none /var/lib/dpkg &&
       cp -a /root/was/. /var/lib/dpkg/ && head -c 100m /dev/zero >/var/lib/dpkg/full || true`,
      `rm -f /var/lib/dpkg/full; rm -rf /root/now; cp -a /var/lib/dpkg /root/now; umount /var/lib/dpkg
       rm -rf /var/lib/dpkg/* && cp -a /root/now/. /var/lib/dpkg/; rm -rf /root/was /root/now`,
    )
    const played = await operator.run('site', now.inventory)
    expect(played.code).not.toBe(0)
    expect(saidOf(played)).toMatch(/the disk is full/)
    await cured()
    await operator.mustRun('site', now.inventory)
    await allIsWell()
  })

  /** Of a switchover: whose, what of it, and what says so: before anything stops where that can be foretold. */
  const CHANGED: [whose: 'primary' | 'standby', folder: string, more: string[], says: RegExp][] = [
    ['primary', '/etc', [], /cannot be written to: is its file system mounted read-only/],
    ['primary', DATA, [], /cannot be written to: is its file system mounted read-only/],
    ['standby', '/etc', [], /cannot be written to: is its file system mounted read-only/],
    ['standby', DATA, [], /cannot be written to: is its file system mounted read-only/],
    ['primary', '/etc', ['-e', 'unproven=accept'], /Read-only file system/],
    ['standby', DATA, ['-e', 'unproven=accept'], /the roles are as they were/],
  ]
  it.each(CHANGED)(
    'a switchover whose %s has a read-only %s (%j): ends with a primary, and is given again',
    async (whose, folder, more, says) => {
      const now = await operator.arrangement()
      await readOnly(now[whose], folder)
      const again = ['switchover', now.inventory, '-e', `new_primary=${now.standby}`] as const
      const played = await operator.run(...again, ...more)
      expect(played.code).not.toBe(0)
      expect(saidOf(played)).toMatch(says)
      await cured()
      expect(await operator.look()).toMatchObject({ primary: now.primary, rivals: false })
      await operator.mustRun('site', now.inventory)
      await operator.mustRun(...again)
      await allIsWell()
    },
  )
})

describe('a server that is not ready for it', () => {
  it('a switchover to a standby whose replay is paused: says so before anything stops', async () => {
    const now = await operator.arrangement()
    await ill(
      now.standby,
      ':',
      `cd /; runuser -u postgres -- psql -XAtqc 'select pg_wal_replay_resume() where pg_is_in_recovery()'`,
    )
    await sqlOnGuest(now.standby, 'select pg_wal_replay_pause()')
    const again = ['switchover', now.inventory, '-e', `new_primary=${now.standby}`] as const
    const played = await operator.run(...again)
    expect(played.code).not.toBe(0)
    expect(saidOf(played)).toMatch(/paused/)
    expect(await operator.look()).toMatchObject({ primary: now.primary })
    await cured()
    await operator.mustRun(...again)
    await allIsWell()
  })

  it('a failover to a standby whose replay is paused: says so, and then loses nothing', async () => {
    const now = await operator.arrangement()
    await sqlOnGuest(now.standby, 'select pg_wal_replay_pause()')
    await clients.goOn(100)
    await onGuest(now.primary, 'systemctl stop postgresql@15-main')
    const again = ['failover', now.inventory, '-e', `new_primary=${now.standby}`, ...FAILOVER] as const
    expect(saidOf(await operator.run(...again))).toMatch(/replay is paused on/)
    await sqlOnGuest(now.standby, 'select pg_wal_replay_resume()')
    await operator.mustRun(...again)
    expect(failures(await operator.rejoin(otherWay(now)))).toEqual([])
    await allIsWell()
  })

  const IDLE: [where: string, host: () => Promise<string>, statement: string][] = [
    [
      'the old primary',
      async () => (await operator.arrangement()).primary,
      'create table if not exists idle (id int)',
    ],
    ['the new primary', async () => (await operator.arrangement()).standby, 'select count(*) from test'],
    ['a publisher', async () => 'vm1', 'create table if not exists idle (id int)'],
  ]
  it.each(IDLE)('a switchover beside an idle transaction on %s', async (_, where, statement) => {
    const now = await operator.arrangement()
    const host = await where()
    const session = `setsid sh -c "( echo 'begin isolation level repeatable read; ${statement};'; sleep 600 ) |
      runuser -u postgres -- psql -Xq" </dev/null >/dev/null 2>&1 &`
    await ill(host, session, `pkill -f 'sleep 60[0]'; true`)
    await eventually(
      'the transaction',
      async () =>
        (await sqlOnGuest(
          host,
          "select count(*) > 0 from pg_stat_activity where state = 'idle in transaction'",
        )) === 't',
    )
    const again = ['switchover', now.inventory, '-e', `new_primary=${now.standby}`] as const
    expect(failures(await operator.run(...again))).toEqual([])
    await cured()
    await allIsWell()
  })

  const COPIES = "select count(*) from pg_subscription_rel where srsubstate <> 'r'"
  const LARGE = 'create table if not exists test_large (id int primary key, note text)'
  const HOLD = 'begin; lock table test_large; select pg_sleep(600)'
  const HOLDERS = `select pid from pg_locks where relation = 'test_large'::regclass and mode = 'AccessExclusiveLock' and granted`
  const HELD = `select count(*) from (${HOLDERS}) holders`
  it.each(['switchover', 'failover'])('a %s while a table of 500 MB is copied', async (how) => {
    const now = await operator.arrangement()
    const on = (host: string, text: string) => sqlOnGuest(host, text)
    await ill(
      'vm1',
      ':',
      `cd /; runuser -u postgres -- psql -Xqc 'alter publication test_pub drop table test_large' -c 'drop table test_large'`,
    )
    await on(
      'vm1',
      `${LARGE}; insert into test_large select id, repeat(md5(id::text), 15) from generate_series(1, 1000000) id; grant select on test_large to replicator`,
    )
    await on(now.primary, LARGE)
    await on('vm1', 'alter publication test_pub add table test_large')
    // A fast machine copies it before a switchover has ended waiting: until that is refused nobody may read it.
    if (how === 'switchover') {
      await onGuest('vm1', `cd /; setsid runuser -u postgres -- psql -Xqc "${HOLD}" > /dev/null 2>&1 &`)
      await eventually('the lock', async () => (await on('vm1', HELD)) !== '0')
    }
    await on(now.primary, `alter subscription from_vm1 refresh publication`)
    const args = ['-e', `new_primary=${now.standby}`, ...(how === 'failover' ? FAILOVER : [])]
    if (how === 'failover') await onGuest(now.primary, 'systemctl kill -s KILL postgresql@15-main')
    const played = await operator.run(how, now.inventory, ...args)
    const then = await operator.look()
    // A switchover waits for no copy: it is refused before anything stops, and given again when that has ended.
    if (how === 'switchover') {
      expect(then.primary).toBe(now.primary)
      expect(saidOf(played)).toMatch(/is being copied/)
      await on('vm1', `select pg_terminate_backend(pid) from (${HOLDERS}) holders`)
      await eventually('the copy', async () => (await on(now.primary, COPIES)) === '0', 120)
      await operator.mustRun(how, now.inventory, ...args)
    } else expect(failures(played)).toEqual([])
    if (how === 'failover') expect(failures(await operator.rejoin(otherWay(now)))).toEqual([])
    const { primary, standby } = await operator.look()
    for (const host of [primary, standby])
      await eventually(
        `the copy on ${host}`,
        async () => {
          const count = await on(host, 'select count(*) from test_large')
          return count === '1000000' || count
        },
        120,
      )
    await cured()
    await on(primary, 'alter subscription from_vm1 refresh publication')
    await on(primary, 'drop table test_large')
    await allIsWell()
  })
})

/** Of Debian's package faketime. */
const FAKETIME = '/usr/bin/faketime'

describe.runIf(existsSync(FAKETIME))('clocks that differ', () => {
  const site = async (inventory: string, offset: string) => {
    rmSync(join(inventory, 'ca'), { recursive: true, force: true })
    await Promise.all(HOSTS.map((host) => onGuest(host, 'rm -rf /etc/postgresql-common/tls')))
    const args = ['playbooks/site.yaml', '-i', inventory, '-e', 'new_certificate_authority=true']
    return command([FAKETIME, offset, process.execPath, 'dist/play.js', ...args])
  }

  it('what an authority signs whose clock is behind is taken', async () => {
    const now = await operator.arrangement()
    const { stdout, code } = await site(now.inventory, '-2 days')
    expect([code, stdout.slice(-1500)]).toEqual([0, expect.any(String)])
    await allIsWell()
  })

  it('where it is ahead, both times are told before anything is presented that nobody takes', async () => {
    const now = await operator.arrangement()
    const { stdout, code } = await site(now.inventory, '+2 days')
    expect(code).toBe(2)
    expect(stdout).toMatch(/the certificate is valid from .*, and on the host it is/)
    const again = await site(now.inventory, '+0 days')
    expect([again.code, again.stdout.slice(-1500)]).toEqual([0, expect.any(String)])
    await allIsWell()
  })
})
