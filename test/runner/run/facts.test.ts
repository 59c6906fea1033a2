import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import { FACTS } from '../../../runner/run/facts/names.ts'
import { factsFrom, gatherFacts } from '../../../runner/run/facts.ts'
import { runLocally } from '../../support/local-run.ts'

type Facts = Record<string, any>

const says = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' }).trim()

async function factsHere(as?: string): Promise<Facts> {
  const host = await connect(connectionSpec('localhost', {}, {}))
  try {
    return (await gatherFacts(host, as)).ansible_facts as Facts
  } finally {
    await host.close()
  }
}

test('the facts of this machine are what its own programs say', { timeout: 30_000 }, async () => {
  const facts = await factsHere()
  const addresses = says('hostname', '-I').split(' ')
  expect(facts).toMatchObject({
    architecture: says('uname', '-m'),
    deb_architecture: says('dpkg', '--print-architecture'),
    kernel: says('uname', '-r'),
    kernel_version: says('uname', '-v'),
    nodename: says('uname', '-n'),
    processor_nproc: Number(says('nproc')),
    user_id: userInfo().username,
    user_uid: userInfo().uid,
    user_gid: userInfo().gid,
    user_dir: userInfo().homedir,
    service_mgr: says('cat', '/proc/1/comm'),
    pkg_mgr: 'apt',
    fips: false,
    distribution_major_version: says('sh', '-c', '. /etc/os-release; echo "$VERSION_ID"').split('.')[0],
  })
  expect(new Set(facts.all_ipv4_addresses)).toEqual(
    new Set(addresses.filter((address) => !address.includes(':'))),
  )
  expect(facts.memtotal_mb).toBe(
    Math.floor(Number(says('awk', '/^MemTotal:/{print $2}', '/proc/meminfo')) / 1024),
  )
  expect(facts.env.PATH).toContain('/bin')
  expect(Math.abs(Number(facts.date_time.epoch) - Date.now() / 1000)).toBeLessThan(30)
  expect(`${facts.date_time.date} ${facts.date_time.tz_offset}`).toBe(
    says('date', '-d', `@${facts.date_time.epoch}`, '+%F %z'),
  )
})

test.runIf(userInfo().uid === 0)(
  'of a user that root acts for they are what he finds (only as root)',
  { timeout: 30_000 },
  async () => {
    const facts = await factsHere('nobody')
    expect(facts).toMatchObject({ user_id: 'nobody', effective_user_id: 65534, product_uuid: 'NA' })
    expect(facts.env).toMatchObject({ USER: 'nobody', LOGNAME: 'nobody', HOME: '/nonexistent' })
    expect(facts.default_ipv4).toEqual((await factsHere()).default_ipv4)
  },
)

test('sizes of what is mounted are those of df', { timeout: 30_000 }, async () => {
  const { mounts } = await factsHere()
  const root = (mounts as Facts[]).find(({ mount }) => mount === '/')
  // A container's / may be no device.
  if (root) expect(root.size_total).toBe(Number(says('df', '-B1', '--output=size', '/').split('\n')[1]))
  for (const one of mounts as Facts[])
    expect(one.size_available ?? 0).toBeLessThanOrEqual(one.size_total ?? 0)
})

test('the documents list the facts that there are', { timeout: 30_000 }, async () => {
  const facts = await factsHere()
  const devices = (facts.interfaces as string[]).map((name) => name.replaceAll('-', '_'))
  const known = new Set<string>([...Object.keys(FACTS), ...devices])
  expect(Object.keys(facts).filter((name) => !known.has(name))).toEqual([])
  const sometimes = /^(distribution_minor_version|distribution_file_.*|machine_id|processor|python_version)$/
  expect(Object.keys(FACTS).filter((name) => !(name in facts) && !sometimes.test(name))).toEqual([])
})

const said = (texts: Record<string, string>): Facts =>
  factsFrom({
    machine: 'aarch64',
    debArch: 'arm64',
    python: '3.11.2-1+b1',
    parts: new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)])),
  }).ansible_facts as Facts

test('os-release is read as the shell reads it', () => {
  const release = `NAME="Some \\"Odd\\" Linux"\nID=odd\nID_LIKE='ubuntu debian'\nVERSION_ID="12.4"\n# VERSION_CODENAME=no\nVERSION_CODENAME=bookworm  \n`
  expect(said({ '/etc/os-release': release, '/etc/debian_version': '9.9\n' })).toMatchObject({
    distribution: 'Some "Odd" Linux',
    distribution_version: '12.4',
    distribution_major_version: '12',
    distribution_release: 'bookworm',
    os_family: 'Debian',
    python: { version: { major: 3, minor: 11, micro: 2 }, executable: '/usr/bin/python3' },
    python_version: '3.11.2',
  })
})

test('Debian has its point release, and none while it is tested', () => {
  const release = 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n'
  expect(said({ '/etc/os-release': release, '/etc/debian_version': '12.11\n' })).toMatchObject({
    ...{ distribution_version: '12.11', distribution_major_version: '12', distribution_minor_version: '11' },
  })
  const testing = said({ '/etc/os-release': release, '/etc/debian_version': 'trixie/sid\n' })
  expect(testing.distribution_version).toBe('12')
  expect(testing).not.toHaveProperty('distribution_minor_version')
})

test('lsb is what /etc/lsb-release says', () => {
  const text =
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\nDISTRIB_CODENAME=noble\nDISTRIB_DESCRIPTION="Ubuntu 24.04.1 LTS"\n'
  expect(said({ '/etc/lsb-release': text }).lsb).toEqual({
    ...{ id: 'Ubuntu', release: '24.04', codename: 'noble', major_release: '24' },
    description: 'Ubuntu 24.04.1 LTS',
  })
  expect(said({}).lsb).toEqual({})
})

test('local facts are data, whatever they hold; programs are not run', () => {
  const { local } = said({
    'fact a.fact': '{"__proto__": 1}',
    'fact b.fact': '[__proto__]\nx = {{ 1 }}\n',
    'fact c.fact': 'neither\n',
    'program d.fact': '',
  })
  expect(Object.keys(local.a)).toEqual(['__proto__'])
  expect(Object.entries(local.b)).toEqual([['__proto__', { x: '{{ 1 }}' }]])
  expect(local.c).toMatch('error loading')
  expect(local.d).toMatch('not run')
})

test.each([
  [{ '/proc/1/cgroup': '0::/docker/0123\n' }, 'docker', 'guest'],
  [{ '/proc/1/environ': 'A=b\0container=lxc\0' }, 'lxc', 'guest'],
  [{ '/run/systemd/container': 'systemd-nspawn\n' }, 'systemd-nspawn', 'guest'],
  [{ 'dmi product_name': 'VMware Virtual Platform\n' }, 'VMware', 'guest'],
  [{ 'dmi sys_vendor': 'QEMU\n', there: '/dev/kvm' }, 'kvm', 'guest'],
  [{ there: '/dev/kvm' }, 'kvm', 'host'],
  [{}, 'NA', 'NA'],
])('a machine that is virtual says so: %j', (texts, type, role) => {
  expect(said(texts as Record<string, string>)).toMatchObject({
    virtualization_type: type,
    virtualization_role: role,
  })
})

test('where nothing can be read nothing is made up', () => {
  const facts = said({})
  expect(facts.default_ipv4).toEqual({})
  expect(facts).not.toHaveProperty('date_time')
  expect(facts).not.toHaveProperty('machine_id')
  expect(facts.mounts).toEqual([])
})

test('a secret of the environment is hidden, and can be used', { timeout: 30_000 }, async () => {
  process.env.SHOP_API_TOKEN = 'f9Zq-71-kx'
  try {
    const { results } = await runLocally(
      `# play: language=jinja
- hosts: all
  tasks:
    - debug: { msg: "{{ ansible_env.SHOP_API_TOKEN | length }} {{ ansible_facts.env.SHOP_API_TOKEN }}" }
    - setup: { filter: ansible_env }
`,
    )
    expect(results[1]?.result?.msg).toMatch(/^10 \*+$/)
    expect(JSON.stringify(results)).not.toContain('f9Zq-71-kx')
  } finally {
    delete process.env.SHOP_API_TOKEN
  }
})
