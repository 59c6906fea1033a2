import type { Connection } from '../hosts/types.ts'
import type { Vars } from '../load/types.ts'
import { HostReads } from './host-reads.ts'
import { PathReads } from './path-reads.ts'

/** The facts of a host as `as` sees it, under Ansible's names: `ansible_facts.distribution`, `ansible_distribution`. */
export async function gatherFacts(connection: Connection, as: string | undefined): Promise<Vars> {
  const host = new HostReads(connection, as)
  const paths = new PathReads(connection, as)
  const text = async (path: string) => (await paths.content(path))?.toString() ?? ''
  // All of it is one round trip.
  const [self, packages, ...texts] = await Promise.all([
    host.self(),
    host.packages(['dpkg', 'python3']),
    ...['/etc/os-release', '/proc/meminfo', '/proc/self/status'].map(text),
    ...['/proc/sys/kernel/osrelease', '/proc/sys/kernel/hostname', '/proc/1/comm'].map(text),
    ...['/proc/net/fib_trie', '/proc/net/if_inet6', '/proc/sys/crypto/fips_enabled'].map(text),
  ])
  const [release, memory, process, kernel, hostname, init, routes, ipv6, fips] = texts
  return factsFrom({
    self,
    debArch: packages.find(({ name }) => name === 'dpkg')?.architecture ?? '',
    python: packages.find(({ name }) => name === 'python3')?.version ?? '',
    ...{ release: release!, memory: memory!, process: process!, routes: routes!, ipv6: ipv6! },
    ...{ kernel: kernel!.trim(), hostname: hostname!.trim(), init: init!.trim(), fips: fips! },
  })
}

/** What facts are made of: the texts are those of the host's files. */
interface Found {
  self: Awaited<ReturnType<HostReads['self']>>
  debArch: string
  /** Version of the package python3, with Debian's part; empty where there is none. */
  python: string
  /** os-release(5) */
  release: string
  /** /proc/meminfo */
  memory: string
  /** /proc/self/status */
  process: string
  /** /proc/net/fib_trie */
  routes: string
  /** /proc/net/if_inet6 */
  ipv6: string
  kernel: string
  hostname: string
  /** The name of process 1. */
  init: string
  /** /proc/sys/crypto/fips_enabled */
  fips: string
}

/** Memory in MB, as Ansible counts it (1024 × 1024 bytes). */
export function factsFrom(found: Found): Vars {
  const os = osRelease(found.release)
  const [id, name, version] = ['ID', 'NAME', 'VERSION_ID'].map((key) => os.get(key) ?? '') as [
    string,
    string,
    string,
  ]
  const local = localAddresses(found.routes)
  const { address } = found.self
  const ipv4 = local.includes(address) ? [address, ...local.filter((one) => one !== address)] : local
  const megabytes = (key: string) =>
    Math.floor(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(found.memory)?.[1] ?? 0) / 1024)
  const cores = countOf(/^Cpus_allowed_list:\s*(\S+)/m.exec(found.process)?.[1] ?? '0')
  const facts: Vars = {
    distribution: distributionName(id, name),
    distribution_version: version,
    distribution_major_version: version.split('.')[0],
    distribution_release: os.get('VERSION_CODENAME') ?? '',
    os_family: /debian|ubuntu/.test(`${id} ${os.get('ID_LIKE') ?? ''}`) ? 'Debian' : distributionName(id, ''),
    architecture: found.self.machine,
    deb_architecture: found.debArch,
    kernel: found.kernel,
    hostname: found.hostname.split('.')[0],
    nodename: found.hostname,
    processor_vcpus: cores,
    processor_count: cores,
    memtotal_mb: megabytes('MemTotal'),
    memfree_mb: megabytes('MemAvailable'),
    swaptotal_mb: megabytes('SwapTotal'),
    all_ipv4_addresses: ipv4,
    all_ipv6_addresses: globalAddresses(found.ipv6),
    default_ipv4: { address: address || (ipv4[0] ?? '') },
    user_id: found.self.user,
    user_uid: found.self.uid,
    service_mgr: found.init,
    pkg_mgr: found.debArch === '' ? 'unknown' : 'apt',
    fips: found.fips.trim() === '1',
    system: 'Linux',
    ...pythonFacts(found.python),
  }
  const prefixed = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]),
  )
  return { ...prefixed, ansible_facts: facts }
}

/**
 * Of the Python that Ansible would run there, which roles ask for the names of packages. Debian has no other than 3: that is so
 * where none is installed, and then nothing else is said.
 */
function pythonFacts(installed: string): Vars {
  const [text, minor, micro] = /^3\.(\d+)\.(\d+)/.exec(installed) ?? []
  const version = { major: 3, ...(text ? { minor: Number(minor), micro: Number(micro) } : {}) }
  return {
    python: { version, executable: '/usr/bin/python3', type: 'cpython' },
    ...(text ? { python_version: text } : {}),
  }
}

const distributionName = (id: string, name: string): string =>
  ({ debian: 'Debian', ubuntu: 'Ubuntu' })[id] ?? (name || id)

/** os-release(5): assignments as the shell reads them. */
function osRelease(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, key, single, double, bare] of text.matchAll(
    /^([A-Za-z0-9_]+)=(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S*))[^\S\n]*$/gm,
  ))
    found.set(key!, single ?? double?.replace(/\\(["$`\\])/g, '$1') ?? bare ?? '')
  return found
}

/** How many a list such as `0-2,5` names (cpuset(7)). */
const countOf = (list: string): number =>
  list.split(',').reduce((sum, part) => {
    const [first, last = first] = part.split('-').map(Number) as [number, number?]
    return sum + (last - first + 1)
  }, 0)

/** Those of this machine in a routing table, but for the loopback's. */
function localAddresses(table: string): string[] {
  const found = [...table.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL$/gm)].map(([, address]) => address!)
  return [...new Set(found)].filter((address) => !address.startsWith('127.'))
}

/** Lines of 32 hexadecimal digits, interface, length of the prefix, scope (00: global). Written as RFC 5952 wants it. */
function globalAddresses(text: string): string[] {
  return [...text.matchAll(/^([0-9a-f]{32}) \S+ \S+ 00 /gm)].map(([, digits]) =>
    new URL(`http://[${digits!.replace(/(.{4})(?=.)/g, '$1:')}]`).hostname.slice(1, -1),
  )
}
