import { createHash } from 'node:crypto'
import * as z from 'zod'
import { defineFact } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { canonicalAddress } from '../../../contract/ip.ts'
import { type Cluster, readCluster, readConfFiles, targetOf } from '../../../postgres/cluster/cluster.ts'
import { effectiveSettings } from '../../../postgres/conf/conf-file.ts'
import { isLoopback, localAddresses } from './addresses.ts'

/** Which machine a host of the inventory is, and which server its cluster. */
export const identity = z.object({
  host: z.string(),
  /** A digest that no other machine has while it runs; null: it cannot be told. */
  machine: z.string().nullable(),
  version: z.string(),
  cluster: z.string(),
  /** null: there is no such cluster yet. */
  data_directory: z.string().nullable(),
  port: z.number(),
  /** What it shows who connects with TLS; null: nothing, or there is no such cluster yet. */
  certificate: z.string().nullable(),
  /** What the address resolves to there, without what is the machine's own name for itself. */
  resolved: z.array(z.string()),
  /** Of its own interfaces. */
  addresses: z.array(z.string()),
  /** It runs, and is no standby. */
  primary: z.boolean(),
  system_identifier: z.string().nullable(),
  timeline: z.number().nullable(),
})
export type Identity = z.output<typeof identity>

const machineKey = defineFact<string | null, []>('machine')
const addressesKey = defineFact<string[], []>('addresses')

export async function readIdentity(
  host: HostReader,
  params: { version: string; cluster: string; address: string },
): Promise<Identity> {
  const [machine, addresses, resolved, cluster] = await Promise.all([
    host.fact(machineKey(), () => readMachine(host)),
    host.fact(addressesKey(), () => readAddresses(host)),
    resolve(host, params.address),
    readCluster(host, params),
  ])
  const primary = cluster !== null && isPrimary(cluster)
  return {
    host: host.name,
    machine,
    version: params.version,
    cluster: params.cluster,
    data_directory: cluster?.dataDir ?? null,
    port: cluster?.port ?? 5432,
    certificate: cluster ? await readCertificate(host, cluster) : null,
    resolved,
    addresses,
    primary,
    system_identifier: cluster?.systemIdentifier ?? null,
    timeline: primary ? await readTimeline(host, cluster) : null,
  }
}

async function readCertificate(host: HostReader, cluster: Cluster): Promise<string | null> {
  const files =
    cluster.fresh || cluster.copyOf ? null : await readConfFiles(host, cluster.configDir, cluster.dataDir)
  if (!files) return null
  const { settings } = effectiveSettings(files.main, files.confD, files.auto)
  const isOn = ['on', 'true', 'yes', '1'].includes(settings.get('ssl')?.value.toLowerCase() ?? 'off')
  return isOn ? (settings.get('ssl_cert_file')?.value ?? 'server.crt') : null
}

const isPrimary = ({ running, recovery, fresh, peek, copyOf, notReady }: Cluster): boolean =>
  running && recovery === false && !fresh && !peek && !copyOf && !notReady

const readTimeline = async (host: HostReader, cluster: Cluster): Promise<number> => {
  const text = `select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline`
  return (await host.sql(targetOf(cluster), text))[0]!.timeline
}

/**
 * Copies of a virtual machine have one machine-id, containers of one machine one boot_id, and those may share an image
 * too: then each has a network of its own.
 */
async function readMachine(host: HostReader): Promise<string | null> {
  const [id, boot, network] = await Promise.all([
    host.readFile('/etc/machine-id'),
    host.readFile('/proc/sys/kernel/random/boot_id'),
    host.stat('/proc/self/ns/net'),
  ])
  if (!boot || !network?.target) return null
  const words = [id?.toString().trim() ?? '', boot.toString().trim(), network.target]
  return createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 16)
}

async function readAddresses(host: HostReader): Promise<string[]> {
  const [trie, inet6] = await Promise.all([
    host.readFile('/proc/net/fib_trie'),
    host.readFile('/proc/net/if_inet6'),
  ])
  return localAddresses(trie?.toString() ?? '', inet6?.toString() ?? '')
}

/** As the host itself resolves it; the loopback address under its own name, which Debian gives it, says nothing. */
async function resolve(host: HostReader, address: string): Promise<string[]> {
  const literal = canonicalAddress(address)
  if (literal !== null) return isLoopback(literal) ? [] : [literal]
  const { stdout } = await host.read(['getent', 'ahosts', address])
  const found = stdout.split('\n').map((line) => canonicalAddress(line.split(' ')[0] ?? ''))
  return [...new Set(found.filter((one) => one !== null && !isLoopback(one)))] as string[]
}
