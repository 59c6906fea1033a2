import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messages, saidBy } from '../support/converged.ts'
import { command, inventory, named, onHost, playJson, quote, sqlOn } from '../support/play.ts'

/** docs/sudoers is on every host of the lab, so that all of these tests run under it. Here: that it keeps what it says. */
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const KEPT = ['configure', 'logical', 'verify'].map((name) => `playbooks/${name}.yaml`)
const AS_POSTGRES = [
  ...KEPT,
  '-i',
  inventory,
  '-e',
  'ansible_user=keeper',
  '-e',
  'ansible_become_user=postgres',
]
const scratch = mkdtempSync(join(tmpdir(), 'play-sudo-'))
const everywhere = (text: string) =>
  Promise.all(
    HOSTS.map(async (host) => {
      const ran = await command(['lab/lab', 'exec', host, 'sh', '-ec', text])
      expect(ran.code, ran.stderr).toBe(0)
    }),
  )

beforeAll(async () => {
  expect((await playJson(['playbooks/site.yaml', '-i', inventory])).code).toBe(0)
  // The variant that the file describes: without root.
  await everywhere(`useradd --create-home keeper
    install -d -m 0700 -o keeper -g keeper ~keeper/.ssh
    install -m 0600 -o keeper -g keeper ~admin/.ssh/authorized_keys ~keeper/.ssh/authorized_keys
    sed '/^#/d; s/admin/keeper/; s/root, postgres/postgres/' /etc/sudoers.d/play >/etc/sudoers.d/keeper
    chmod 0440 /etc/sudoers.d/keeper
    visudo -cqf /etc/sudoers.d/keeper`)
})
afterAll(async () => {
  await everywhere(
    'rm /etc/sudoers.d/keeper; pkill -KILL -u keeper || true; userdel --force --remove keeper 2>/dev/null',
  )
  rmSync(scratch, { recursive: true })
})

describe('the login user', () => {
  it.each(['sudo -n id', 'sudo -n -u dba sh -c id', 'sudo -n perl -e 1'])('may not: %s', async (text) => {
    const ran = await command(['lab/lab', 'ssh', 'vm1', text])
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('a password is required')])
  })

  it('is told which rule is missing when a task wants to become another user', async () => {
    const path = join(scratch, 'other.yaml')
    writeFileSync(
      path,
      '- hosts: vm1\n  become: true\n  become_user: dba\n  gather_facts: false\n  tasks: [{ command: id }]\n',
    )
    const [failed] = (await playJson([path, '-i', inventory])).results
    expect(failed?.error?.message).toContain('to become dba')
    expect(failed?.error?.hint).toContain('docs/sudoers')
  })
})

it('one who may become postgres alone keeps settings, rules, roles, tables and replication', async () => {
  await Promise.all([
    onHost('vm2', "sed -i '/^hostssl *replication/d' /etc/postgresql/15/main/pg_hba.conf"),
    onHost(
      'vm4',
      "sed -i 's/^wal_receiver_status.*/wal_receiver_status_interval = 5s/' /etc/postgresql/15/main/conf.d/play.conf",
    ),
    sqlOn('vm1', 'drop publication test_pub; alter role replicator createdb'),
  ])
  const check = await playJson([...AS_POSTGRES, '--check'])
  const run = await playJson(AS_POSTGRES)
  expect(named(run, 'failed')).toEqual([])
  expect(named(run, 'changed')).toEqual([
    'vm1: The replication role',
    'vm1: What this server publishes (test_pub)',
    'vm2: Who may log in',
    'vm4: Settings',
  ])
  expect(named(check, 'changed')).toEqual(named(run, 'changed'))
  expect(named(await playJson(AS_POSTGRES), 'changed')).toEqual([])
})

it('one who may become postgres alone is refused what needs root, and nothing is done', async () => {
  const path = join(scratch, 'root.yaml')
  writeFileSync(
    path,
    '- hosts: vm1\n  become: true\n  gather_facts: false\n  tasks: [{ command: touch /root/made }]\n',
  )
  const run = await playJson([path, '-i', inventory, '-e', 'ansible_user=keeper'])
  expect(run.results[0]?.error?.message).toContain('to become root')
  expect((await command(['lab/lab', 'exec', 'vm1', 'test', '-e', '/root/made'])).code).toBe(1)
})

describe('one who may not use sudo, and knows the password of root', () => {
  const path = join(scratch, 'su.yaml')
  const as = (...more: string[]) =>
    playJson([path, '-i', inventory, '-e', 'ansible_user=visitor', '--become-method', 'su', ...more])
  let before: string

  beforeAll(async () => {
    writeFileSync(
      path,
      `- hosts: vm1
  become: true
  gather_facts: false
  tasks:
    - command: sh -c 'id -un; command -v ldconfig; echo $HOME'
      register: who
    - debug: { msg: "{{ who.stdout }}" }
    - copy: { content: written, dest: /root/by-su, mode: "0600" }
`,
    )
    before = await onHost('vm1', 'getent shadow root | cut -d: -f2')
    await onHost(
      'vm1',
      `useradd --create-home visitor
      install -d -m 0700 -o visitor -g visitor ~visitor/.ssh
      install -m 0600 -o visitor -g visitor ~admin/.ssh/authorized_keys ~visitor/.ssh/authorized_keys
      echo 'root:a lab of one day' | chpasswd`,
    )
  })
  afterAll(() =>
    onHost(
      'vm1',
      `usermod -p ${quote(before)} root; rm -f /root/by-su
      pkill -KILL -u visitor || true; userdel --force --remove visitor 2>/dev/null`,
    ),
  )

  it('becomes root with su, in the check as in the run', async () => {
    const check = await as('-e', 'ansible_become_password="a lab of one day"', '--check')
    expect(named(check, 'changed')).toEqual(['vm1: command', 'vm1: copy'])
    const run = await as('-e', 'ansible_become_password="a lab of one day"')
    expect(named(run, 'failed')).toEqual([])
    expect(messages(run)).toContain('root\n/usr/sbin/ldconfig\n/root')
    expect(await onHost('vm1', 'stat -c %U:%a /root/by-su')).toBe('root:600')
    expect(saidBy(run)).not.toContain('a lab of one day')
    expect(named(await as('-e', 'ansible_become_password="a lab of one day"'), 'changed')).toEqual([
      'vm1: command',
    ])
  })

  it('is told that su wants a password, or does not take it', async () => {
    expect(saidBy(await as())).toContain('su asks visitor for a password to become root, and there is none')
    expect(saidBy(await as('-e', 'ansible_become_password=another'))).toContain(
      'su did not take the password of root to become root',
    )
  })
})
