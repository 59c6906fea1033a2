import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventory, labState, network, onHost, play, playJson, quote } from '../support/play.ts'

const scratch = mkdtempSync(join(tmpdir(), 'play-bad-'))
const LAB = ['-i', inventory]

function file(name: string, text: string): string {
  const path = join(scratch, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}
const playbook = (name: string, tasks: string, hosts = 'vm4', become = true): string =>
  file(
    name,
    `- hosts: ${hosts}\n  gather_facts: false\n  become: ${become}\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`,
  )

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('bad input is refused before any connection', () => {
  it('an inventory with a cycle names it', async () => {
    const cycle = file('cycle.yaml', 'a: { children: { b: } }\nb: { children: { a: } }\n')
    const ran = await play([playbook('p1.yaml', '- ping:', 'all'), '-i', cycle])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/cycle\.yaml:\d+:\d+/)
    expect(ran.stderr).toMatch(/a.*b.*a|b.*a.*b/)
  })
  it('an unknown host in --limit is named, with the nearest', async () => {
    const ran = await play(['playbooks/site.yaml', ...LAB, '--limit', 'vm44'])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('vm44')
    expect(ran.stderr).toContain('vm4')
  })
  it('an unknown module, a misspelt argument, a wrong type and a missing variable are all shown, each at its place', async () => {
    const bad = playbook(
      'bad.yaml',
      `- apt_instal: { name: curl }
- copy: { dst: /tmp/x, content: y }
- apt_install: { name: curl, lock_timeout: soon }
- debug: { msg: "{{ replication_pasword }}" }`,
    )
    const ran = await play([bad, ...LAB])
    expect(ran.code).toBe(4)
    for (const [line, words] of [
      [5, 'apt_install'],
      [6, 'dest'],
      [7, 'lock_timeout'],
      [8, 'replication_password'],
    ] as const) {
      expect(ran.stderr).toMatch(new RegExp(`bad\\.yaml:${line}:\\d+`))
      expect(ran.stderr).toContain(words)
    }
    expect(ran.stderr).toContain('^')
    expect(ran.stdout).not.toContain('PLAY [')
  })
})

describe('a host that will not have us says why', () => {
  it('a wrong host key stops the connection, with both fingerprints', async () => {
    const known = readFileSync(join(labState, 'known_hosts'), 'utf8')
    const keys = known
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
    const other = keys.find(([host]) => host!.includes(`${network}.11`))!
    const wrong = file('known_hosts', `${network}.14 ${other[1]} ${other[2]}\n`)
    const ran = await play([
      playbook('ping.yaml', '- ping:'),
      ...LAB,
      '-e',
      `ansible_ssh_common_args='-o UserKnownHostsFile=${wrong}'`,
    ])
    expect(ran.code).toBe(4)
    expect(ran.stdout).toContain('UNREACHABLE')
    expect(ran.stdout.match(/SHA256:/g)!.length).toBeGreaterThanOrEqual(2)
    expect(ran.stdout).toContain('known_hosts:1')
  })
  it('an unknown host key is not learnt silently', async () => {
    const empty = file('empty_known_hosts', '')
    const ran = await play([
      playbook('ping.yaml', '- ping:'),
      ...LAB,
      '-e',
      `ansible_ssh_common_args='-o UserKnownHostsFile=${empty}'`,
    ])
    expect(ran.code).toBe(4)
    expect(ran.stdout).toContain('ssh-keyscan')
    expect(readFileSync(empty, 'utf8')).toBe('')
  })
  it('a wrong sudo password is told from a missing one', async () => {
    const wrong = file('wrong', 'not-the-password\n')
    const task = playbook('whoami.yaml', '- command: id -un')
    const refused = await play([
      task,
      ...LAB,
      '-u',
      'dba',
      '-e',
      'ansible_user=dba',
      '--become-password-file',
      wrong,
    ])
    expect(refused.code).toBe(2)
    expect(refused.stdout).toMatch(/did not take the password/)
    expect(refused.stdout).not.toContain('not-the-password')
    const missing = await play([task, ...LAB, '-e', 'ansible_user=dba'])
    expect(missing.code).toBe(2)
    expect(missing.stdout).toContain('-K')
    const right = file('right', 'dba-sudo-secret\n')
    expect((await play([task, ...LAB, '-e', 'ansible_user=dba', '--become-password-file', right])).code).toBe(
      0,
    )
  })
  it('a host that refuses, and one that does not answer, are told apart', async () => {
    const ran = await play([playbook('ping.yaml', '- ping:'), ...LAB, '-e', 'ansible_port=2'])
    expect(ran.code).toBe(4)
    expect(ran.stdout).toMatch(/refused/)
  })
})

describe('a host that cannot do it says why, and nothing is half-written', () => {
  beforeAll(async () => {
    await onHost(
      'vm4',
      'mkdir -p /mnt/small && mount -t tmpfs -o size=64k tmpfs /mnt/small && echo old > /mnt/small/conf',
    )
  })
  afterAll(async () => {
    await onHost('vm4', 'umount /mnt/small')
  })
  it('a full disk leaves the old file and no other', async () => {
    file('files/big', 'x'.repeat(200_000))
    const ran = await play([playbook('big.yaml', '- copy: { src: big, dest: /mnt/small/conf }'), ...LAB])
    expect(ran.code).toBe(2)
    expect(ran.stdout).toMatch(/No space left/)
    expect(await onHost('vm4', 'cat /mnt/small/conf; ls -A /mnt/small')).toBe('old\nconf')
  })
  it('a held apt lock names its holder', async () => {
    const repository = playbook(
      'repository.yaml',
      `- apt_repo:
    name: pgdg
    url: "{{ pgdg_repo_url }}"
    suites: "{{ pgdg_suite }}"
    key: { url: "{{ pgdg_key_url }}", fingerprint: "{{ pgdg_key_fingerprint }}" }`,
    )
    expect((await play([repository, ...LAB])).code).toBe(0)
    const holder = String.raw`use Fcntl; open(F, ">>", "/var/lib/dpkg/lock-frontend"); my $l = pack("ssx4qqlx4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; print "held\n"; close STDOUT; sleep 60`
    await onHost(
      'vm4',
      `perl -e ${quote(holder)} > /run/held 2>&1 & echo $! > /run/holder; while ! grep -q held /run/held; do :; done`,
    )
    try {
      const ran = await play([
        playbook('lock.yaml', '- apt_install: { name: tree, lock_timeout: 1 }'),
        ...LAB,
      ])
      expect(ran.code).toBe(2)
      expect(ran.stdout).toContain((await onHost('vm4', 'cat /run/holder')).trim())
      expect(ran.stdout).toContain('perl')
    } finally {
      await onHost('vm4', 'kill $(cat /run/holder)')
    }
    expect(await onHost('vm4', 'dpkg --audit')).toBe('')
  })

  it('a package that dpkg was stopped in is installed anew, though apt takes it for the newest', async () => {
    const broken = playbook('broken.yaml', '- apt_install: { name: ssl-cert }')
    await onHost(
      'vm4',
      `sed -i '/^Package: ssl-cert$/,/^$/s/^Status: .*/Status: install reinstreq half-installed/' /var/lib/dpkg/status`,
    )
    for (const [args, status] of [
      [['--check'], 'changed'],
      [[], 'changed'],
      [[], 'ok'],
    ] as const) {
      const { results } = await playJson([broken, ...LAB, ...args])
      expect(results.map((result) => [result.status, result.changes[0]?.before])).toEqual([
        [status, status === 'ok' ? undefined : 'half-installed'],
      ])
    }
    expect(await onHost('vm4', "dpkg --audit; dpkg-query -Wf '${Status}' ssl-cert")).toBe(
      'install ok installed',
    )
  })
})
