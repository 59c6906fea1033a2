import { Refusal } from '../../../contract/errors.ts'
import { canonicalAddress } from '../../../contract/ip.ts'
import type { Identity } from './inspect.ts'

/** A host of the inventory, and the address under which the others reach its server. */
export interface Address {
  host: string
  address: string
  /** Undefined: any. */
  port?: number
}

/**
 * Two hosts of the inventory that are one server would make it subscribe to itself, and whoever subscribes to both lose
 * the rows of one. @throws {Refusal}
 */
export function refuseSame(
  here: Identity,
  { address, port = here.port }: { address: string; port?: number },
  others: readonly Identity[],
  inventory: readonly Address[],
): void {
  const elsewhere = inventory.filter(
    (one) => one.host !== here.host && (one.port === undefined || one.port === port),
  )
  const written = elsewhere.find((one) => one.address.toLowerCase() === address.toLowerCase())
  if (written) throw same(here, written.host, `both have the address ${address}`)
  const mine = elsewhere.find((one) => {
    const literal = canonicalAddress(one.address)
    return literal !== null && here.addresses.includes(literal)
  })
  if (mine)
    throw same(
      here,
      mine.host,
      `the machine that answers as ${here.host} has the address of ${mine.host}, ${mine.address}`,
    )
  for (const other of others.filter(({ host }) => host !== here.host)) {
    const machine = here.machine !== null && here.machine === other.machine
    if (machine && isOneCluster(here, other))
      throw same(
        here,
        other.host,
        `both lead to one machine, and to cluster ${here.version}/${here.cluster} on it`,
      )
    const shared = here.resolved.find((one) => other.resolved.includes(one))
    if (shared !== undefined && here.port === other.port)
      throw same(here, other.host, `the address of each is ${shared}, and the port ${here.port}`)
  }
}

const isOneCluster = (a: Identity, b: Identity): boolean =>
  (a.version === b.version && a.cluster === b.cluster) ||
  (a.data_directory !== null && a.data_directory === b.data_directory)

const same = (here: Identity, other: string, why: string): Refusal =>
  new Refusal(
    `${here.host} and ${other} are one server: ${why}`,
    `Correct ansible_host (and how ssh reaches it) of ${here.host} or of ${other} in the inventory; hostname, typed there, tells which machine answers. Nothing was changed.`,
  )

/**
 * A standby and a restored copy have their primary's system identifier. Two primaries that have one are a server and a
 * copy of it that was started as a server of its own: rows would be taken for one's that are the other's. @throws {Refusal}
 */
export function refuseTwins(here: Identity, others: readonly Identity[]): void {
  if (!here.primary || here.system_identifier === null) return
  const twin = others.find(
    (one) =>
      one.host !== here.host &&
      one.primary &&
      one.system_identifier === here.system_identifier &&
      one.timeline === here.timeline &&
      one.version === here.version &&
      one.cluster === here.cluster,
  )
  if (twin)
    throw new Refusal(
      `${here.host} and ${twin.host} are primaries of one system identifier, ${here.system_identifier}, on timeline ${here.timeline}: one is a copy of the other, started as a server of its own`,
      `Stop the one that is the copy: pg_ctlcluster ${here.version} ${here.cluster} stop. Is it to be a standby, write standby_of in the inventory, and run play playbooks/rejoin.yaml -i INVENTORY -e host=HOST -e method=copy. Is it a restored copy to look at, let its cluster have another name.`,
    )
}
