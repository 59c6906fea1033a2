import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'

/** Which system it is, and how it is set up. */
export function systemFacts(found: Found, machine: string): Vars {
  const nodename = found.word('/proc/sys/kernel/hostname')
  const fqdn = wholeName(nodename, found.text('/etc/hosts'))
  const id = found.word('/var/lib/dbus/machine-id') || found.word('/etc/machine-id')
  const [load1, load5, load15] = found.text('/proc/loadavg').split(' ').map(Number)
  return {
    ...distributionFacts(found),
    ...{ system: 'Linux', architecture: machine, machine },
    kernel: found.word('/proc/sys/kernel/osrelease'),
    kernel_version: found.word('/proc/sys/kernel/version'),
    ...{ hostname: nodename.split('.')[0], nodename, fqdn, domain: fqdn.split('.').slice(1).join('.') },
    ...(id === '' ? {} : { machine_id: id }),
    lsb: lsbOf(found),
    dns: dnsOf(found),
    cmdline: Object.fromEntries(argumentsOf(found.word('/proc/cmdline'))),
    apparmor: { status: found.has('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled' },
    selinux: selinuxOf(found),
    fips: found.word('/proc/sys/crypto/fips_enabled') === '1',
    service_mgr: found.word('/proc/1/comm'),
    uptime_seconds: Math.floor(Number(found.text('/proc/uptime').split(' ')[0])),
    loadavg: { '1m': load1, '5m': load5, '15m': load15 },
  }
}

function distributionFacts(found: Found): Vars {
  const os = assignments(found.text('/etc/os-release'))
  const [id, name, version] = ['ID', 'NAME', 'VERSION_ID'].map((key) => os.get(key) ?? '') as [
    string,
    string,
    string,
  ]
  const isDebian = /debian|ubuntu/.test(`${id} ${os.get('ID_LIKE') ?? ''}`)
  // Of Debian os-release(5) does not say which point release it is.
  const point = id === 'debian' ? /^\d+\.(\d+)/.exec(found.word('/etc/debian_version')) : null
  return {
    distribution: distributionName(id, name),
    distribution_version: point ? found.word('/etc/debian_version') : version,
    distribution_major_version: version.split('.')[0],
    ...(point ? { distribution_minor_version: point[1] } : {}),
    distribution_release: os.get('VERSION_CODENAME') ?? '',
    os_family: isDebian ? 'Debian' : distributionName(id, ''),
    ...(isDebian
      ? {
          distribution_file_path: '/etc/os-release',
          distribution_file_variety: 'Debian',
          distribution_file_parsed: true,
        }
      : {}),
  }
}

const distributionName = (id: string, name: string): string =>
  ({ debian: 'Debian', ubuntu: 'Ubuntu' })[id] ?? (name || id)

/** os-release(5): assignments as the shell reads them. */
function assignments(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, key, single, double, bare] of text.matchAll(
    /^([A-Za-z0-9_]+)=(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S*))[^\S\n]*$/gm,
  ))
    found.set(key!, single ?? double?.replace(/\\(["$`\\])/g, '$1') ?? bare ?? '')
  return found
}

/** Of /etc/lsb-release, which Ubuntu has; lsb_release(1) is a program. */
function lsbOf(found: Found): Vars {
  const lsb = assignments(found.text('/etc/lsb-release'))
  const release = lsb.get('DISTRIB_RELEASE')
  return Object.fromEntries(
    Object.entries({
      id: lsb.get('DISTRIB_ID'),
      release,
      description: lsb.get('DISTRIB_DESCRIPTION'),
      codename: lsb.get('DISTRIB_CODENAME'),
      major_release: release?.split('.')[0],
    }).filter(([, value]) => value !== undefined),
  )
}

/** The first name with a dot that /etc/hosts gives the host; DNS is not asked. */
function wholeName(nodename: string, hosts: string): string {
  if (nodename.includes('.')) return nodename
  const names = hosts
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
    .find((line) => line.includes(nodename))
  return names?.find((name) => name.includes('.')) ?? nodename
}

/** resolv.conf(5) */
function dnsOf(found: Found): Vars {
  const nameservers: string[] = []
  let said: Vars = {}
  for (const line of found.lines('/etc/resolv.conf')) {
    const [key, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/) as [string, ...string[]]
    if (key === 'nameserver') nameservers.push(...words)
    else if (key === 'domain') said = { ...said, domain: words[0] ?? '' }
    else if (key === 'search' || key === 'sortlist') said = { ...said, [key]: words }
    else if (key === 'options')
      said = {
        ...said,
        options: Object.fromEntries(
          words.map((word) => [word.split(':')[0], word.includes(':') ? word.split(':')[1] : true]),
        ),
      }
  }
  return { ...(nameservers.length > 0 ? { nameservers } : {}), ...said }
}

/** Words of the kernel's command line: `name=value`, or `name` for true. As in Ansible quotes mean nothing. */
const argumentsOf = (line: string): [string, string | true][] =>
  line.split(/\s+/).map((word) => {
    const at = word.indexOf('=')
    return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1)]
  })

function selinuxOf(found: Found): Vars {
  if (!found.has('/sys/fs/selinux/enforce')) return { status: 'disabled' }
  return {
    status: 'enabled',
    mode: found.word('/sys/fs/selinux/enforce') === '1' ? 'enforcing' : 'permissive',
  }
}
