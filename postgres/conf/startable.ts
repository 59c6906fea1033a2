import { posix } from 'node:path'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { listening } from '../cluster/ports.ts'

interface Ask {
  host: HostReader
  cluster: Cluster
  /** What it shall be. */
  value: string
}

/** Whether the server could start with a setting: undefined, or what is in its way. */
type Rule = (ask: Ask) => Promise<string | undefined>

/** Settings with which a server that runs would not start again, as far as a look at the host tells. */
const RULES: Readonly<Record<string, Rule>> = {
  async unix_socket_directories({ host, value }) {
    const folders = value
      .split(',')
      .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
      .filter((part) => part.startsWith('/'))
    const wrong = await Promise.all(folders.map((folder) => folderComplaint(host, folder)))
    return wrong.find((one) => one !== undefined)
  },

  async listen_addresses({ host, value }) {
    const wanted = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
    // A name is looked up by the server. One address that it can have is enough for it.
    if (wanted.length === 0 || wanted.some((one) => !isLiteral(one) || /^(0\.0\.0\.0|::|127\.)/.test(one)))
      return undefined
    const [shown, nonlocal] = await Promise.all([
      host.read(['ip', '-o', 'addr', 'show']),
      host.readFile('/proc/sys/net/ipv4/ip_nonlocal_bind'),
    ])
    const own = new Set([...shown.stdout.matchAll(/ inet6? ([0-9a-fA-F.:]+)/g)].map(([, one]) => one!))
    if (shown.code !== 0 || nonlocal?.toString().trim() === '1' || wanted.some((one) => own.has(one)))
      return undefined
    return `${host.name} has none of these addresses: it has ${[...own].join(', ')}`
  },

  async port({ host, cluster, value }) {
    const port = Number(value)
    // Who has it may give it up before: only of a server that runs is it known that it would want it soon.
    if (port === cluster.port || !cluster.running || host.planned()) return undefined
    if (!(await listening(host)).has(port)) return undefined
    return `something else listens on port ${port}`
  },

  async huge_pages({ host, value }) {
    if (!/^(on|true|yes|1)$/i.test(value) || host.planned()) return undefined
    const text = (await host.readFile('/proc/meminfo'))?.toString() ?? ''
    return /^HugePages_Total:\s+0$/m.test(text)
      ? `${host.name} has no huge pages (vm.nr_hugepages is 0)`
      : undefined
  },

  ssl_cert_file: readable,
  ssl_key_file: readable,
  ssl_ca_file: readable,
  ssl_crl_file: readable,
}

/**
 * What would keep the server from starting with these settings, each with its name. Those that do not change say nothing: the
 * server runs with them. What this does not see, the trial before a restart does (cluster/trial.ts).
 */
export async function notStartable(
  host: HostReader,
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
): Promise<string[]> {
  if (cluster.fresh || cluster.copyOf) return []
  const found = await Promise.all(
    Object.entries(settings).map(async ([name, value]) => {
      const complaint = await RULES[name.toLowerCase()]?.({ host, cluster, value })
      return complaint === undefined ? [] : [`${name} = ${value}: ${complaint}`]
    }),
  )
  return found.flat()
}

/** @throws {Refusal} where there is one */
export async function requireStartable(
  host: HostReader,
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const found = await notStartable(host, cluster, settings)
  if (found.length === 0) return
  throw new Refusal(
    `cluster ${cluster.version}/${cluster.name} would not start again with these settings`,
    'Correct them, or make first what they need.',
    found,
  )
}

const isLiteral = (address: string): boolean => /^[0-9.]+$/.test(address) || address.includes(':')

async function folderComplaint(host: HostReader, folder: string): Promise<string | undefined> {
  const found = await host.stat(folder)
  if (!found) return `there is no folder ${folder}`
  if (found.type !== 'directory' && found.type !== 'link') return `${folder} is no folder`
  // Its mode does not tell all: groups, access lists. One that is only planned cannot be tried.
  if (found.owner === 'postgres' || host.planned()) return undefined
  const { code } = await host.read(['test', '-w', folder], { as: 'postgres' })
  return code === 1 ? `postgres may not write to ${folder}` : undefined
}

async function readable({ host, cluster, value }: Ask): Promise<string | undefined> {
  if (value === '') return undefined
  const path = posix.resolve(cluster.dataDir, value)
  const found = await host.stat(path)
  if (!found) return `there is no file ${path}`
  if (found.owner === 'postgres' || host.planned()) return undefined
  const { code } = await host.read(['test', '-r', path], { as: 'postgres' })
  return code === 1 ? `postgres may not read ${path}` : undefined
}
