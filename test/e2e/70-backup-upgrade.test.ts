import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeNewer, newerUrl, removeNewer } from '../support/newer-package.ts'
import { eventually, inventory, named, onHost, type Played, playJson, sqlOn } from '../support/play.ts'

const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const FOLDER = '/var/backups/postgresql/vm3'
const run = (playbook: string, ...more: string[]): Promise<Played> =>
  playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...more])
const statuses = (played: Played): string[] =>
  played.results.map(({ task, host, item, status }) => `${host}: ${task} ${item ?? ''} ${status}`).sort()
const failure = (played: Played): string =>
  played.results
    .filter(({ status }) => status === 'failed')
    .map(({ host, message }) => `${host}: ${message}`)
    .join('\n')

const scratch = mkdtempSync(join(tmpdir(), 'play-operations-'))
async function tasks(text: string, ...more: string[]): Promise<Played> {
  const path = join(scratch, 'tasks.yaml')
  writeFileSync(
    path,
    `- hosts: all\n  become: true\n  gather_facts: false\n  tasks:\n${text.replace(/^/gm, '    ')}\n`,
  )
  const played = await playJson([path, '-i', inventory, ...more])
  expect(failure(played)).toBe('')
  return played
}

beforeAll(async () => {
  expect(failure(await run('site'))).toBe('')
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('backup and restore', () => {
  const WRITTEN = 7_000_000
  afterAll(async () => {
    await onHost(
      'vm4',
      `pg_dropcluster --stop 15 restored 2>/dev/null; rm -rf ${FOLDER} /var/lib/postgresql/15/restored*`,
    )
    await sqlOn('vm1', `delete from test where id > ${WRITTEN}`)
  })
  const slots = async () =>
    (
      await Promise.all(
        ['vm1', 'vm2'].map((host) =>
          sqlOn(host, 'select slot_name, active_pid from pg_replication_slots order by 1'),
        ),
      )
    ).join('\n')
  const restored = (query: string) =>
    onHost('vm4', `cd / && sudo -u postgres psql -XAtq --cluster 15/restored -d postgres -c "${query}"`)

  it('--check foretells a backup and touches nothing', async () => {
    const check = await run('backup', '--check')
    expect(failure(check)).toBe('')
    expect(named(check, 'changed')).toEqual(['vm4: The backup', 'vm4: What the backup must hold'])
    expect(named(check, 'unknown')).toEqual([])
    expect(await onHost('vm4', `ls -d ${FOLDER} || true`)).toBe('')
  })

  it('a backup that is cut short counts for nothing, and the next one clears it away', async () => {
    const cut = onHost('vm4', 'until pkill -KILL -x pg_basebackup; do sleep 0.02; done')
    const failed = await run('backup')
    await cut
    expect(failed.code).toBe(2)
    expect(failure(failed)).toMatch(/^vm4: .*base backup/)
    expect(await onHost('vm4', `ls ${FOLDER}`)).toBe('in-progress')
  })

  it('a backup is taken and verified under a writer, and leaves no slot behind', async () => {
    const writer = sqlOn(
      'vm1',
      `do $$ begin for i in 1..600 loop insert into test (id, note) values (${WRITTEN} + i, 'under way'); commit; perform pg_sleep(0.005); end loop; end $$`,
    )
    const taken = await run('backup')
    await writer
    expect(failure(taken)).toBe('')
    expect(await onHost('vm4', `ls ${FOLDER} ${FOLDER}/0001`)).toMatch(
      /^\S+:\n0001\n\n\S+:\nbackup\.json\ncontents\.json\ndata$/,
    )
    expect(await onHost('vm4', `stat -c '%a %U' ${FOLDER} ${FOLDER}/0001/data`)).toBe(
      '700 postgres\n700 postgres',
    )
    expect(
      await onHost('vm4', `sudo -u postgres /usr/lib/postgresql/15/bin/pg_verifybackup ${FOLDER}/0001/data`),
    ).toContain('success')
    expect(await sqlOn('vm3', 'select slot_name from pg_replication_slots')).toBe('vm4')
  })

  it('a backup that rotted on the disk is found out before it becomes a cluster', async () => {
    await onHost('vm4', `printf rot | dd conv=notrunc status=none of=${FOLDER}/0001/data/global/1262`)
    const failed = await run('restore')
    expect(failed.code).toBe(2)
    expect(failure(failed)).toContain('vm4: the check of the base backup failed')
    expect(failed.stdout).toContain('global/1262')
    expect(await onHost('vm4', 'pg_lsclusters -h | wc -l')).toBe('1')
  })

  it('the older one goes when the newer is in its place, and nothing that play did not make', async () => {
    await onHost('vm4', `mkdir -p ${FOLDER}/mine ${FOLDER}/0000`)
    const taken = await run('backup', '-e', 'backup_keep=1')
    expect(failure(taken)).toBe('')
    expect(await onHost('vm4', `ls ${FOLDER}`)).toBe('0000\n0002\nmine')
  })

  it('it is restored into a cluster that takes no slot of the live one, and holds what the server held', async () => {
    const before = await slots()
    const check = await run('restore', '-e', 'keep=true', '--check')
    const done = await run('restore', '-e', 'keep=true')
    expect(failure(done)).toBe('')
    expect(statuses(done)).toEqual(statuses(check))
    expect(await slots()).toBe(before)
    expect(await restored('show max_logical_replication_workers')).toBe('0')
    expect(await restored('select count(*) from pg_subscription')).toBe('2')
    expect(await restored('select count(pid) from pg_stat_subscription')).toBe('0')
    expect(await restored('select pg_is_in_recovery()')).toBe('f')
    const identifier = 'select system_identifier from pg_control_system()'
    expect(await restored(identifier)).toBe(await sqlOn('vm3', identifier))
    const rows = `select count(*), max(id) - ${WRITTEN} from test where id > ${WRITTEN}`
    expect(await restored(rows)).toBe('600|600')
  })

  it('a row too many is found out', async () => {
    await restored('insert into test (id) values (-1)')
    expect(failure(await run('restore'))).toMatch(/public\.test has \d+ rows, and the server had \d+/)
    await restored('delete from test where id = -1')
  })

  it('the rehearsal ends with nothing left of it', async () => {
    const done = await run('restore')
    expect(failure(done)).toBe('')
    expect(named(done, 'changed')).toEqual(['vm4: It was a rehearsal'])
    expect(
      await onHost('vm4', 'pg_lsclusters -h | cut -d" " -f1-2; ls /var/lib/postgresql/15 /etc/postgresql/15'),
    ).toBe('15 main\n/etc/postgresql/15:\nmain\n\n/var/lib/postgresql/15:\nmain')
  })
})

describe('a minor upgrade', () => {
  const FAST = '/etc/dpkg/dpkg.cfg.d/test'
  let versions: { old: string; newer: string }
  const server = (host: string) =>
    onHost(
      host,
      `pid=$(head -n 1 /var/lib/postgresql/15/main/postmaster.pid); readlink /proc/$pid/exe; stat -c %Y /proc/$pid; dpkg-query -Wf '\${Version}' postgresql-15`,
    ).then((text) => text.split('\n'))
  const servers = () => Promise.all(HOSTS.map(server))

  beforeAll(async () => {
    versions = await makeNewer('postgresql-15')
    await tasks(
      `- apt_repo: { name: newer, url: "${newerUrl}", suites: bookworm-pgdg, signed_by: /etc/apt/keyrings/pgdg.asc }`,
    )
    // As on the next day: the lists are no longer fresh. And dpkg need not sync what is thrown away soon.
    const prepare = `rm -f /var/lib/apt/periodic/update-success-stamp; echo force-unsafe-io > ${FAST}`
    await Promise.all(HOSTS.map((host) => onHost(host, prepare)))
  })
  afterAll(async () => {
    removeNewer()
    await Promise.all(HOSTS.map((host) => onHost(host, `rm -f ${FAST}`)))
  })

  it('does not begin where replication is not well', async () => {
    await sqlOn('vm3', 'alter subscription from_vm1 disable')
    const refused = await run('minor-upgrade', '-e', 'upgrade_wait=1')
    await sqlOn('vm3', 'alter subscription from_vm1 enable')
    expect(refused.code).toBe(2)
    expect(failure(refused)).toContain('vm3: replication is not as it should be')
    expect(named(refused, 'changed')).toEqual([])
    expect((await servers()).map(([, , version]) => version)).toEqual(HOSTS.map(() => versions.old))
  })

  it('is foretold by --check, goes standby, primary, publishers, and restarts each server once', async () => {
    const before = await servers()
    const check = await run('minor-upgrade', '--check')
    expect(failure(check)).toBe('')
    expect(await servers()).toEqual(before)
    const done = await run('minor-upgrade')
    expect(failure(done)).toBe('')
    expect(statuses(done)).toEqual(statuses(check))
    expect(
      done.results.filter(({ status }) => status === 'changed').map(({ host, task }) => `${host}: ${task}`),
    ).toEqual(['vm4', 'vm3', 'vm1', 'vm2'].map((host) => `${host}: The newest packages of this version`))
    const after = await servers()
    expect(after.map(([program, , version]) => [program, version])).toEqual(
      HOSTS.map(() => ['/usr/lib/postgresql/15/bin/postgres', versions.newer]),
    )
    expect(after.every(([, started], at) => started !== before[at]![1])).toBe(true)
  })

  it('changes nothing and restarts nothing the second time', async () => {
    const before = await servers()
    expect(named(await run('minor-upgrade'), 'changed')).toEqual([])
    expect(await servers()).toEqual(before)
  })

  it('touches no other host where replication is not well after one', async () => {
    const program = '/usr/lib/postgresql/15/bin/postgres'
    const replace = `cp -a ${program} ${program}.new && mv ${program}.new ${program}`
    await Promise.all(['vm3', 'vm4'].map((host) => onHost(host, replace)))
    const before = await servers()
    // Read at the next start: the standby will stream no more.
    const trap = '/etc/postgresql/15/main/conf.d/zz-trap.conf'
    await onHost('vm4', `echo "primary_slot_name = 'missing'" > ${trap}`)
    const stopped = await run('minor-upgrade', '-e', 'upgrade_wait=1')
    await onHost('vm4', `rm ${trap}`)
    await sqlOn('vm4', 'select pg_reload_conf()')
    expect(stopped.code).toBe(2)
    expect(failure(stopped)).toMatch(/^vm4: replication is not as it should be/)
    expect(named(stopped, 'changed')).toEqual(['vm4: The server runs what is installed'])
    expect((await servers()).slice(0, 3)).toEqual(before.slice(0, 3))
    expect(named(await run('minor-upgrade'), 'changed')).toEqual(['vm3: The server runs what is installed'])
  })

  it('restarts a server whose program was replaced under it, and that one alone', async () => {
    await onHost(
      'vm4',
      'printf "#!/bin/sh\\nexit 101\\n" > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d',
    )
    await tasks(`- apt_repo: { name: newer, state: absent }
- apt_install: { name: "postgresql-15=${versions.old}", allow_downgrade: true, update_cache: true }`)
    await onHost('vm4', 'rm /usr/sbin/policy-rc.d')
    const before = await servers()
    expect(before.map(([program]) => program!.includes('(deleted)'))).toEqual([false, false, false, true])
    const check = await run('minor-upgrade', '--check')
    const done = await run('minor-upgrade')
    expect(named(check, 'changed')).toEqual(['vm4: The server runs what is installed'])
    expect(named(done, 'changed')).toEqual(['vm4: The server runs what is installed'])
    const after = await servers()
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3))
    expect(after[3]![0]).toBe('/usr/lib/postgresql/15/bin/postgres')
  })
})

describe('a major upgrade', () => {
  // The lab's repository holds one version: a second cluster of it stands in for the next.
  const NEXT = ['-e', 'next_version=15', '-e', 'next_cluster=next']
  const clusters = () => Promise.all(HOSTS.map((host) => onHost(host, 'pg_lsclusters -h')))

  it('says which packages are missing, where it looked, and what there is, before anything is touched', async () => {
    const before = await clusters()
    const refused = await run('major-upgrade')
    expect(refused.code).toBe(2)
    expect(failure(refused)).toContain(
      'vm1: no package source of vm1 offers postgresql-16, postgresql-client-16',
    )
    expect(refused.stdout).toMatch(/looked in: http:\/\/\S+\/pgdg bookworm-pgdg\/main/)
    expect(refused.stdout).toContain('offered there: postgresql-15')
    expect(named(refused, 'changed')).toEqual([])
    expect(await clusters()).toEqual(before)
  })

  it('fills a new cluster beside each primary, which follows, as --check had said', async () => {
    const check = await run('major-upgrade', ...NEXT, '--check')
    expect(failure(check)).toBe('')
    const filled = await run('major-upgrade', ...NEXT)
    expect(failure(filled)).toBe('')
    expect(statuses(filled)).toEqual(statuses(check))
    const id = 8_000_001
    await sqlOn('vm1', `insert into test (id, note) values (${id}, 'after the copy')`)
    for (const host of ['vm1', 'vm2', 'vm3'])
      await eventually(`the row in the new cluster of ${host}`, async () => {
        const query = `select note from test where id = ${id}`
        const found = await onHost(
          host,
          `cd / && sudo -u postgres psql -XAtq --cluster 15/next -c "${query}"`,
        )
        return found === 'after the copy' || found
      })
    await sqlOn('vm1', `delete from test where id = ${id}`)
    expect(named(await run('major-upgrade', ...NEXT), 'changed')).toEqual([])
  })

  it('does not switch unless somebody says that nothing writes', async () => {
    const refused = await run('major-switch', ...NEXT)
    expect(failure(refused)).toContain('stop whatever writes')
    expect(named(refused, 'changed')).toEqual([])
  })

  it('is undone, where the new clusters are named, without a trace', async () => {
    expect(failure(await run('major-cancel', ...NEXT))).toContain('-e confirm=15/next')
    expect(failure(await run('major-cancel', ...NEXT, '-e', 'confirm=15/next'))).toBe('')
    for (const host of ['vm1', 'vm2', 'vm3']) {
      expect(await onHost(host, 'pg_lsclusters -h | wc -l')).toBe('1')
      expect(
        await sqlOn(host, "select count(*) from pg_replication_slots where slot_name = 'play_upgrade'"),
      ).toBe('0')
    }
  })

  it('leaves the topology as site.yaml wants it', async () => {
    const site = await run('site')
    expect(failure(site)).toBe('')
    expect(named(site, 'changed')).toEqual([])
  })
})
