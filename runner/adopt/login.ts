import { type Conninfo, sameConninfo } from '../../postgres/conninfo.ts'
import { PASSFILE, TRUSTING, VERIFYING } from '../topology/connection.ts'
import type { Neighbour, Said, Variable } from './facts.ts'

const KEEP_NOTES = [
  'How it follows stays as somebody else made it, with its logins and slots. To have play manage that: take this line away,',
  'and say pg_replication_password. site.yaml --check then says what changes.',
]
/** How it follows is not play's business. */
export const KEEP: Variable = { name: 'pg_replication', value: 'keep', notes: KEEP_NOTES }

/** Whether it logs in as play would have it, with what the inventory says. */
export function isLoginOfPlay(
  conninfo: Conninfo | null,
  { address, port, replicationUser, verified }: Neighbour,
  { replicationPassword }: Said,
  more: Conninfo,
): boolean {
  if (!conninfo || !replicationPassword) return false
  const tls = verified ? VERIFYING : TRUSTING
  const place = { host: address, port: String(port ?? 5432) }
  return sameConninfo(conninfo, { ...place, user: replicationUser, passfile: PASSFILE, ...tls, ...more })
}

export function placeOf(conninfo: Conninfo | null): { host: string; port: number } | null {
  const host = conninfo?.hostaddr ?? conninfo?.host
  // A socket, or several servers of which any may answer.
  if (host === undefined || /^\/|,/.test(host)) return null
  return { host, port: Number(conninfo?.port ?? 5432) }
}

/** The one host that is there; null where there is none, or more than one. */
export function neighbourAt(
  { host, port }: { host: string; port: number },
  all: readonly Neighbour[],
): Neighbour | null {
  const there = all.filter((one) => one.addresses.includes(host) && (one.port ?? port) === port)
  const sure = there.filter((one) => one.port === port)
  const [one, ...more] = sure.length > 0 ? sure : there
  return one && more.length === 0 ? one : null
}

/** Whom others cannot follow yet. */
export const undescribed = (others: readonly Neighbour[]): string[] =>
  others
    .filter(({ described }) => !described)
    .map(
      ({ host }) =>
        `it follows ${host}, of which the inventory says nothing yet: adopt that one too, with -l`,
    )
