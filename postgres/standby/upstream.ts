import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineFact } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { choice, hostPath, nonEmpty, port, text } from '../../contract/params.ts'
import { quoteIdent } from '../../contract/quote.ts'
import { fileKey } from '../../contract/shared-facts.ts'
import { READING_OPTIONS } from '../../contract/sql-settings.ts'
import { slotName } from '../catalog/names.ts'
import { slotKey } from '../catalog/slot.ts'
import { clusterKey } from '../cluster/key.ts'
import { buildConninfo } from '../conninfo.ts'
import { PLANNED_PASSFILE_SCRIPT } from './planned-passfile.ts'

export const upstreamParams = z.strictObject({
  host: nonEmpty().meta({ description: 'Name or address of the server to follow.', example: 'vm3' }),
  port: port().default(5432).meta({ description: 'Its TCP port.' }),
  user: nonEmpty().meta({ description: 'Role with REPLICATION to connect as.', example: 'replicator' }),
  passfile: hostPath().optional().meta({
    unset: '~postgres/.pgpass, where there is one',
    description:
      'Password file on the standby, readable by postgres alone. The password itself is never written anywhere else.',
    example: '/var/lib/postgresql/play.pgpass',
  }),
  sslmode: choice('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full')
    .optional()
    .meta({ unset: "libpq's own default", description: 'TLS towards the upstream, as in libpq.' }),
  sslrootcert: hostPath().optional().meta({
    unset: "libpq's own default",
    description: 'Certificates on the standby from which the upstream’s must descend.',
    example: '/etc/postgresql-common/tls/root.crt',
  }),
  dbname: text().optional().meta({
    unset: 'postgres',
    description:
      'Database to ask for the size of what is copied, and for the slots that a standby keeps (`sync_slots` of standby_signal).',
  }),
})
export type Upstream = z.output<typeof upstreamParams>

export const slotParam = slotName.meta({
  description: "Physical replication slot on the upstream, this standby's own.",
  example: 'vm4',
})

/** `host=… port=… user=… passfile=…` */
export const upstreamConninfo = (
  { host, port, user, passfile, sslmode, sslrootcert }: Upstream,
  more: Record<string, string> = {},
): string => buildConninfo({ host, port: String(port), user, passfile, sslmode, sslrootcert, ...more })

/**
 * For what copies a server, beside `upstreamConninfo`: libpq waits for ever for one whose machine is gone. Half a minute after
 * it fell silent the copy ends. A machine that only has nothing to say answers probes (libpq, 34.1.2).
 */
export const WHILE_COPYING: Readonly<Record<string, string>> = {
  connect_timeout: '10',
  keepalives_idle: '15',
  keepalives_interval: '5',
  keepalives_count: '3',
  tcp_user_timeout: '30000',
}

export const upstreamName = ({ host, port }: Pick<Upstream, 'host' | 'port'>): string => `${host}:${port}`

/** What the upstream says about itself over a replication connection. */
export type Identity =
  | { reachable: true; systemIdentifier: string; slot: 'physical' | 'absent' | 'unknown'; size?: string }
  /** `planned`: something is planned somewhere, so that it may be there in the real run. */
  | { reachable: false; why: string; planned: boolean }

const identityKey = defineFact<Identity, [upstream: string, user: string, slot: string]>('identity')

/**
 * IDENTIFY_SYSTEM, asked from the host itself, as the standby will connect (Streaming Replication Protocol, 55.4).
 * No password prompt, no other statement is possible on such a connection.
 */
export async function identify(host: HostReader, question: Question): Promise<Identity> {
  const { version, cluster: name, upstream, slot } = question
  if (host.predictedOn(upstream.host, clusterKey(version, name))?.fresh)
    return { reachable: true, systemIdentifier: 'a new one', slot: 'unknown' }
  const key = identityKey(upstreamName(upstream), upstream.user, slot)
  const found = await host.fact(key, () => ask(host, question))
  const isPlanned = host.predictedOn(upstream.host, slotKey({ version, name }, slot)) != null
  return found.reachable && found.slot === 'absent' && isPlanned ? { ...found, slot: 'physical' } : found
}

/** The upstream's cluster is taken to have the same version and name. */
interface Question {
  version: string
  cluster: string
  upstream: Upstream
  slot: string
}

async function ask(host: HostReader, { version, upstream, slot }: Question): Promise<Identity> {
  // Before 15 nothing but SQL tells whether a slot is there.
  const askSlot =
    Number.parseInt(version, 10) >= 15 ? ['-c', `READ_REPLICATION_SLOT ${quoteIdent(slot)}`] : []
  const { code, stdout, stderr } = await askUpstream(
    host,
    version,
    upstream,
    { replication: 'true', connect_timeout: '5' },
    ['-c', 'IDENTIFY_SYSTEM', ...askSlot],
  )
  const [systemIdentifier] = stdout.split('|')
  if (!/^\d+$/.test(systemIdentifier ?? ''))
    return { reachable: false, why: reasonOf(stderr, code), planned: host.planned('any') }
  if (/cannot use READ_REPLICATION_SLOT with a logical/.test(stderr))
    throw new Refusal(
      `slot "${slot}" on ${upstreamName(upstream)} is a logical one`,
      'A standby needs a physical slot.',
    )
  const [, kind] = stdout.trimEnd().split('\n')
  const found =
    askSlot.length === 0 || kind === undefined
      ? 'unknown'
      : kind.startsWith('physical')
        ? 'physical'
        : 'absent'
  return { reachable: true, systemIdentifier: systemIdentifier!, slot: found }
}

/** How much there is to copy; undefined where the role may not ask. */
export async function upstreamSize(
  host: HostReader,
  version: string,
  upstream: Upstream,
): Promise<string | undefined> {
  const { code, stdout } = await askUpstream(
    host,
    version,
    upstream,
    {
      dbname: upstream.dbname ?? 'postgres',
      connect_timeout: '5',
      options: READING_OPTIONS,
    },
    ['-c', SIZE],
  )
  return code === 0 && stdout.trim() !== '' ? stdout.trim() : undefined
}

/** psql, as the standby's server would connect: with what the passfile holds, or will hold where it is only planned. */
function askUpstream(
  host: HostReader,
  version: string,
  upstream: Upstream,
  more: Record<string, string>,
  commands: readonly string[],
) {
  const { passfile, ...rest } = upstream
  const planned = passfile === undefined ? undefined : host.predicted(fileKey(passfile))
  const psql = (conninfo: string) => [
    `/usr/lib/postgresql/${version}/bin/psql`,
    '-wXAtq',
    '-d',
    conninfo,
    ...commands,
  ]
  const options = { as: 'postgres', env: { LC_ALL: 'C' } }
  if (!Buffer.isBuffer(planned?.content)) return host.read(psql(upstreamConninfo(upstream, more)), options)
  const argv = ['sh', '-c', PLANNED_PASSFILE_SCRIPT, 'sh', ...psql(upstreamConninfo(rest, more))]
  return host.read(argv, { ...options, stdin: planned.content.toString() })
}

const SIZE = 'select pg_size_pretty(sum(pg_database_size(oid))) from pg_database'

const reasonOf = (stderr: string, code: number): string =>
  stderr
    .trim()
    .split('\n')[0]!
    .replace(/^psql: error: /, '') || `psql exits with ${code}`

/** The passfile, if one is named, is there (or planned). @throws {Refusal} */
export async function requirePassfile(host: HostReader, { passfile }: Upstream): Promise<void> {
  if (passfile === undefined) return
  const stat = await host.stat(passfile)
  if (!stat)
    throw new Refusal(
      `the password file ${passfile} is missing on ${host.name}`,
      'Write it first: `pg_passfile`.',
    )
  if (/[1-7]/.test(stat.mode.slice(-2)))
    throw new Refusal(
      `the password file ${passfile} has mode ${stat.mode}, and libpq ignores one that others can read`,
      'Give it mode 0600.',
    )
}
