import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runUntil } from '../kill-points/cut.ts'
import { lab, onGuest } from '../support/guests.ts'
import { command, eventually, inventory, named, playJson } from '../support/play.ts'
import { failure, onHosts, SITE } from '../support/tasks.ts'

const configure = (...more: string[]) =>
  playJson(['playbooks/configure.yaml', '-i', inventory, '--limit', 'vm1', ...more])

const drop = () =>
  onGuest(
    'vm1',
    `for name in $(ls /etc/postgresql/15 2>/dev/null); do pg_dropcluster --stop 15 "$name"; done
     rm -rf /etc/postgresql/15 /etc/postgresql/.play-* /var/lib/postgresql/15 /srv/pg; umount /mnt/pg 2>/dev/null || true`,
  )

/** What must be true of vm1 once a run has gone through; every line is a fault. */
const FAULTS = `cd /
ls -A /var/lib/postgresql/15 | grep -vx main
ls -A /etc/postgresql | grep -vx 15
ls -A /etc/postgresql/15 | grep -vx main
find /etc /var/lib/postgresql -name 'made-by-play*' -o -name '.*.play.??????'
pgrep -ax initdb
[ "$(runuser -u postgres -- psql -XAtqc 'show data_checksums')" = on ] || echo no checksums
[ "$(runuser -u postgres -- psql -XAtqc 'show data_directory')" = /var/lib/postgresql/15/main ] || echo elsewhere
stat -c %U:%G:%a /var/lib/postgresql/15/main /etc/postgresql/15/main | grep -vxE 'postgres:postgres:7(00|55)'
:`

afterAll(async () => {
  // Those who subscribe to vm1 have rows of it by then, and would not take another server for it.
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})
beforeAll(async () => {
  expect((await playJson([...SITE, '--tags', 'always,prepare,packages'])).code).toBe(0)
})

/** `npm run check-kill-points` goes through every step; these are those after which something else is found. */
const POINTS: [where: string, step: string, what: string][] = [
  ['play is killed before there is a mark', 'play-new/made-by-play', 'kill'],
  ['play is killed within the creation, which goes on without it', 'the creation of cluster', 'kill within'],
  ['its host loses its power in the middle of initdb', 'the creation of cluster', 'power within vm1'],
  ['play is killed when data and configuration are made', 'the sync of', 'kill'],
  [
    'its host loses its power before the configuration is in its place',
    ': the configuration of',
    'power vm1',
  ],
  ['play is killed when the configuration is there, and the data are not', 'play-new/made to', 'kill'],
  ['its host loses its power there', 'play-new/made to', 'power vm1'],
  ['play is killed when only the traces are left', 'remove /var', 'kill'],
  ['its host loses its power before the first start', 'the start of cluster', 'power vm1'],
]

describe('a cluster whose creation was cut short is there after the next run, and nothing is left over', () => {
  it.each(POINTS)('%s', async (_, step, what) => {
    await drop()
    const cut = await runUntil({ step, what }, 'configure', '--limit', 'vm1')
    expect(cut.begun).toContain(`${what}!`)
    if (what.startsWith('power')) expect((await command(['lab/lab', 'up'])).code).toBe(0)
    const again = await configure()
    expect(named(again, 'failed')).toEqual([])
    expect(again.code).toBe(0)
    expect(await onGuest('vm1', FAULTS)).toBe('')
  })
})

describe('a data directory that is there', () => {
  const made = (data: string) =>
    onHosts('vm1', `- pg_cluster: { version: 15, cluster: other, data_dir: ${data}, state: started }`)

  it.each([
    [
      'is the top of a file system',
      '/mnt/pg',
      'mkdir -p /mnt/pg; mountpoint -q /mnt/pg || mount -t tmpfs pg /mnt/pg',
    ],
    ['is a link', '/srv/pg/link', 'mkdir -p /srv/pg/real && ln -s real /srv/pg/link'],
    ['is empty', '/srv/pg/empty', 'mkdir -p /srv/pg/empty'],
  ])('%s: the cluster is made in it, also when it was cut short in between', async (_, data, before) => {
    await drop()
    await onGuest('vm1', before)
    const ran = await made(data)
    expect(named(ran, 'failed')).toEqual([])
    expect(await onGuest('vm1', `stat -Lc %U:%a ${data}; ls -A ${data} | grep -c play || true`)).toBe(
      'postgres:700\n0',
    )
    expect(named(await made(data), 'changed')).toEqual([])
    // As a run leaves it that was cut short while the data went to their place.
    await onGuest(
      'vm1',
      `pg_ctlcluster 15 other stop; cd ${data} && install -d -o postgres -m 700 play-new play-new/made &&
       echo mark >play-new/made-by-play && mv PG_VERSION base global play-new/made/`,
    )
    expect(named(await made(data), 'failed')).toEqual([])
    expect(await onGuest('vm1', `ls -A ${data} | grep -c play || true`)).toBe('0')
  })

  it('holds something: it is left alone, also what looks like a half-made cluster', async () => {
    await drop()
    await onGuest('vm1', 'mkdir -p /srv/pg/half/base && echo 15 >/srv/pg/half/PG_VERSION')
    expect(failure(await made('/srv/pg/half')).message).toContain('is not empty')
    expect(await onGuest('vm1', 'cat /srv/pg/half/PG_VERSION')).toBe('15')
  })

  it('is gone, with its disk: the cluster is not made anew', async () => {
    await drop()
    expect((await made('/srv/pg/disk')).code).toBe(0)
    await onGuest('vm1', 'pg_ctlcluster 15 other stop; mv /srv/pg/disk /srv/pg/away')
    expect(failure(await made('/srv/pg/disk')).message).toContain(
      'there is no data directory in /srv/pg/disk',
    )
  })
})

describe('a cluster that nobody knows', () => {
  const clusters = () => onGuest('vm1', 'ls /etc/postgresql/*')
  const site = (...more: string[]) => playJson([...SITE, ...more])
  beforeAll(async () => {
    await drop()
    expect((await configure()).code).toBe(0)
  })

  it.each([
    ['a name', ['-e', 'pg_cluster=other'], 'there is no cluster 15/other on vm1, but 15/main'],
    ['a version', ['-e', 'pg_version=16'], 'there is no cluster 16/main on vm1, but 15/main'],
  ])('%s that is given with -e alone is refused before anything is done', async (_, given, said) => {
    const before = await clusters()
    for (const check of [[], ['--check']]) {
      const ran = await site(...given, ...check)
      expect(failure(ran).message).toContain(said)
      expect(failure(ran).message).toContain('say -e new_cluster=')
      expect(named(ran, 'changed')).toEqual([])
    }
    for (const part of [['configure'], ['minor-upgrade'], ['reset', '-e', 'confirm=vm1']]) {
      const [name, ...more] = part
      const ran = await playJson([
        `playbooks/${name}.yaml`,
        '-i',
        inventory,
        '--limit',
        'vm1',
        ...given,
        ...more,
      ])
      expect(failure(ran).message).toContain(said)
      expect(named(ran, 'changed')).toEqual([])
    }
    expect(await clusters()).toBe(before)
  })

  it('is made where that is said, and is known from then on', async () => {
    const told = ['-e', 'pg_cluster=other', '-e', 'new_cluster=other', '-e', 'pg_port=5433']
    expect(named(await configure(...told), 'failed')).toEqual([])
    expect(await clusters()).toContain('other')
    expect(named(await configure('-e', 'pg_cluster=other', '-e', 'pg_port=5433'), 'changed')).toEqual([])
  })

  it('is no matter on a bare host, where -e says another version than the inventory', async () => {
    await drop()
    const ran = await configure('-e', 'pg_version=16', '--check')
    expect(failure(ran).message).toContain('PostgreSQL 16 is not installed')
  })
})

describe('a start that was killed half-way', () => {
  const SHOW = "systemctl show -p ActiveState,ControlPID,SubState postgresql@15-main | sort | tr '\\n' ' '"

  it('for which systemd would wait for ever, is made anew', async () => {
    expect((await configure()).code).toBe(0)
    // A start that is slow enough to be killed on any machine; what it had begun is left, and never writes a PID file.
    await onGuest(
      'vm1',
      `slow=/run/systemd/system/postgresql@15-main.service.d/slow.conf
      mkdir -p "$(dirname "$slow")"
      printf '[Service]\\nExecStart=\\nExecStart=-/bin/sh -c "/bin/sleep 600 & wait"\\n' > "$slow"
      systemctl stop postgresql@15-main
      systemctl daemon-reload
      systemctl start --no-block postgresql@15-main
      until pgrep -f '^/bin/sleep 600' > /dev/null; do :; done
      systemctl kill --kill-who=control -s KILL postgresql@15-main
      rm "$slow"
      systemctl daemon-reload`,
    )
    await eventually('a start without anybody who ends it', async () => {
      return (await onGuest('vm1', SHOW)).trim() === 'ActiveState=activating ControlPID=0 SubState=start'
    })
    expect(named(await configure(), 'changed')).toContain('vm1: The server runs with these settings')
    expect((await onGuest('vm1', 'systemctl is-active postgresql@15-main')).trim()).toBe('active')
  })
})

describe('a server that systemd does not know, and two on one port', () => {
  const PID = 'head -1 /var/lib/postgresql/15/main/postmaster.pid'
  const task = (args: string) => onHosts('vm1', `- pg_cluster: { version: 15, ${args} }`)

  it('one that was started past systemd is restarted, and is a unit from then on', async () => {
    await drop()
    expect((await configure()).code).toBe(0)
    await onGuest(
      'vm1',
      'systemctl stop postgresql@15-main; cd /; runuser -u postgres -- pg_ctlcluster 15 main start; ! systemctl is-active -q postgresql@15-main',
    )
    const before = await onGuest('vm1', PID)
    expect(named(await task('cluster: main, state: restarted'), 'changed')).toHaveLength(1)
    expect(await onGuest('vm1', PID)).not.toBe(before)
    expect(await onGuest('vm1', 'systemctl is-active postgresql@15-main')).toBe('active')
  })

  it('one whose port another has taken is not said to run', async () => {
    await onGuest(
      'vm1',
      "pg_createcluster 15 other -p 5477 && sed -i 's/^port = .*/port = 5432/' /etc/postgresql/15/other/postgresql.conf",
    )
    const ran = await task('cluster: other, state: started')
    expect(named(ran, 'failed')).toHaveLength(1)
    expect(JSON.stringify(ran.results)).toContain('another one answers on port 5432')
    expect(await onGuest('vm1', 'pg_lsclusters -h 15 other')).toContain(' down')
  })
})

describe('who depends on a host that has failed in this run', () => {
  it('is told so at once, instead of waiting for it', async () => {
    await drop()
    await onGuest(
      'vm1',
      'mkdir -p /var/lib/postgresql/15/main && touch /var/lib/postgresql/15/main/photo.jpg',
    )
    const ran = await playJson(SITE)
    const failures = ran.results
      .filter(({ status }) => status === 'failed')
      .map(({ host, message }) => `${host}: ${message}`)
    expect(failures.find((line) => line.startsWith('vm1'))).toContain('is not empty')
    for (const host of ['vm2', 'vm3'])
      expect(failures.find((line) => line.startsWith(host))).toContain(
        `vm1, which ${host} subscribes to, has failed in this run`,
      )
    expect(failures.find((line) => line.startsWith('vm4'))).toContain(
      'vm3, which vm4 follows, has failed in this run',
    )
    expect(failures).toHaveLength(4)
  })
})
