import type { Connection } from '../hosts/types.ts'
import type { Vars } from '../load/types.ts'

// One round trip, shell built-ins where they do; every line is KEY=value.
const SCRIPT = `. /etc/os-release 2>/dev/null
echo "distribution=$NAME"; echo "id=$ID"; echo "version=$VERSION_ID"; echo "release=$VERSION_CODENAME"; echo "like=$ID_LIKE"
echo "architecture=$(uname -m)"; echo "kernel=$(uname -r)"; echo "hostname=$(uname -n)"
while read -r key value rest; do case $key in MemTotal:|MemAvailable:|SwapTotal:) echo "$key=$value";; esac; done < /proc/meminfo
echo "cores=$(nproc 2>/dev/null || echo 1)"
echo "deb_arch=$(dpkg --print-architecture 2>/dev/null)"
echo "addresses=$(hostname -I 2>/dev/null)"
echo "gateway=$(ip -o route get 192.0.2.1 2>/dev/null)"
echo "user=$(id -un)"; echo "uid=$(id -u)"; echo "init=$(cat /proc/1/comm 2>/dev/null)"`

/** The facts of a host as `as` sees it, under Ansible's names: `ansible_facts.distribution`, `ansible_distribution`. */
export async function gatherFacts(connection: Connection, as: string | undefined): Promise<Vars> {
  const { stdout } = await connection.shell(SCRIPT, { as })
  return factsFrom(stdout)
}

/** Memory in MB, as Ansible counts it (1024 × 1024 bytes). */
export function factsFrom(text: string): Vars {
  const raw: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0) raw[line.slice(0, at)] = line.slice(at + 1)
  }
  const addresses = (raw.addresses ?? '').split(' ').filter((word) => word !== '')
  const source = / src (\S+)/.exec(raw.gateway ?? '')?.[1]
  const ipv4 = addresses.filter((address) => !address.includes(':'))
  const megabytes = (key: string) => Math.floor(Number(raw[key] ?? 0) / 1024)
  const facts: Vars = {
    distribution: distributionName(raw.id ?? '', raw.distribution ?? ''),
    distribution_version: raw.version ?? '',
    distribution_major_version: (raw.version ?? '').split('.')[0],
    distribution_release: raw.release ?? '',
    os_family: /debian|ubuntu/.test(`${raw.id} ${raw.like}`) ? 'Debian' : distributionName(raw.id ?? '', ''),
    architecture: raw.architecture ?? '',
    deb_architecture: raw.deb_arch ?? '',
    kernel: raw.kernel ?? '',
    hostname: (raw.hostname ?? '').split('.')[0],
    nodename: raw.hostname ?? '',
    processor_vcpus: Number(raw.cores ?? 1),
    processor_count: Number(raw.cores ?? 1),
    memtotal_mb: megabytes('MemTotal:'),
    memfree_mb: megabytes('MemAvailable:'),
    swaptotal_mb: megabytes('SwapTotal:'),
    all_ipv4_addresses: ipv4,
    all_ipv6_addresses: addresses.filter((address) => address.includes(':')),
    default_ipv4: { address: source ?? ipv4[0] ?? '' },
    user_id: raw.user ?? '',
    user_uid: Number(raw.uid ?? 0),
    service_mgr: raw.init ?? '',
  }
  const prefixed = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]),
  )
  return { ...prefixed, ansible_facts: facts }
}

const distributionName = (id: string, name: string): string =>
  ({ debian: 'Debian', ubuntu: 'Ubuntu' })[id] ?? (name || id)
