import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import { factsFrom, gatherFacts } from '../../../runner/run/facts.ts'

const says = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' }).trim()

test('the facts of this machine are what its own programs say', { timeout: 30_000 }, async () => {
  const host = await connect(connectionSpec('localhost', {}, {}))
  const { ansible_facts: facts } = (await gatherFacts(host, undefined)) as {
    ansible_facts: Record<string, unknown>
  }
  await host.close()
  const addresses = says('hostname', '-I').split(' ')
  expect(facts).toMatchObject({
    architecture: says('uname', '-m'),
    deb_architecture: says('dpkg', '--print-architecture'),
    kernel: says('uname', '-r'),
    nodename: says('uname', '-n'),
    processor_vcpus: Number(says('nproc')),
    user_id: userInfo().username,
    user_uid: userInfo().uid,
    service_mgr: says('cat', '/proc/1/comm'),
    pkg_mgr: 'apt',
    fips: false,
    distribution_version: says('sh', '-c', '. /etc/os-release; echo "$VERSION_ID"'),
  })
  expect(new Set(facts.all_ipv4_addresses as string[])).toEqual(
    new Set(addresses.filter((address) => !address.includes(':'))),
  )
  expect(facts.memtotal_mb).toBe(
    Math.floor(Number(says('awk', '/^MemTotal:/{print $2}', '/proc/meminfo')) / 1024),
  )
})

test('os-release is read as the shell reads it; addresses and processors as the kernel writes them', () => {
  const facts = factsFrom({
    self: { user: 'admin', uid: 1000, machine: 'aarch64', address: '10.0.0.7' },
    debArch: 'arm64',
    python: '3.11.2-1+b1',
    release: `NAME="Some \\"Odd\\" Linux"\nID=odd\nID_LIKE='ubuntu debian'\nVERSION_ID="12.4"\n# VERSION_CODENAME=no\nVERSION_CODENAME=bookworm  \n`,
    memory: 'MemTotal:        4028440 kB\nMemAvailable:    1024 kB\n',
    process: 'Cpus_allowed:\t2f\nCpus_allowed_list:\t0-3,5\n',
    routes: `Main:
  +-- 0.0.0.0/0 3 0 5
           |-- 10.0.0.0
              /24 link UNICAST
           |-- 10.0.0.9
              /32 host LOCAL
           |-- 10.0.0.7
              /32 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
Local:
           |-- 10.0.0.7
              /32 host LOCAL
           |-- 10.0.0.255
              /32 link BROADCAST
`,
    ipv6:
      '00000000000000000000000000000001 01 80 10 80       lo\n' +
      '20010db8000000000000000000000007 02 40 00 00     eth0\n' +
      'fe8000000000000000fc00fffe000001 02 40 20 80     eth0\n',
    kernel: '6.1.0',
    hostname: 'db1.example.org',
    init: 'systemd',
    fips: '1\n',
  }).ansible_facts
  expect(facts).toMatchObject({
    pkg_mgr: 'apt',
    fips: true,
    system: 'Linux',
    python: { version: { major: 3, minor: 11, micro: 2 }, executable: '/usr/bin/python3' },
    python_version: '3.11.2',
    distribution: 'Some "Odd" Linux',
    distribution_version: '12.4',
    distribution_major_version: '12',
    distribution_release: 'bookworm',
    os_family: 'Debian',
    memtotal_mb: 3934,
    memfree_mb: 1,
    swaptotal_mb: 0,
    processor_vcpus: 5,
    all_ipv4_addresses: ['10.0.0.7', '10.0.0.9'],
    all_ipv6_addresses: ['2001:db8::7'],
    default_ipv4: { address: '10.0.0.7' },
    hostname: 'db1',
    nodename: 'db1.example.org',
  })
})
