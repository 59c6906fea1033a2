import type { Extension } from '../../postgres/catalog/extension.ts'
import type { Publication } from '../../postgres/catalog/publication.ts'
import type { Role } from '../../postgres/catalog/role.ts'
import type { Subscription } from '../../postgres/catalog/subscription.ts'
import type { Tablespace } from '../../postgres/catalog/tablespace.ts'
import type { Database } from '../../postgres/cluster/cluster.ts'
import type { ConfState } from '../../postgres/conf/read.ts'
import type { Conninfo } from '../../postgres/conninfo.ts'
import type { HbaLine } from '../../postgres/hba/parse.ts'

/** A cluster as it is: what the library read of it. */
export interface ClusterFacts {
  host: string
  version: string
  cluster: string
  port: number
  /** The file that its server shows who connects with TLS; null: none. */
  certificate: string | null
  /** Of the machine's own interfaces. */
  addresses: readonly string[]
  conf: Pick<ConfState, 'effective' | 'settings' | 'included'>
  /** What Debian's package wrote into its postgresql.conf, by lower-case name. */
  stock: ReadonlyMap<string, { value: string }>
  hba: { path: string; lines: readonly HbaLine[] }
  roles: readonly Role[]
  tablespaces: readonly Tablespace[]
  databases: readonly DatabaseFacts[]
  subscriptions: readonly SubscriptionFacts[]
  /** null: it is a primary. */
  standby: StandbyFacts | null
}

export interface DatabaseFacts {
  database: Database
  extensions: readonly Extension[]
  publications: readonly NamedPublication[]
  /** Why nothing in it could be read. */
  unread?: string
}

export type NamedPublication = Publication & { name: string }

export interface SubscriptionFacts {
  name: string
  database: string
  subscription: Pick<Subscription, 'enabled' | 'slot_name' | 'publications'> & {
    /** null: it cannot be read. */
    conninfo: Conninfo | null
  }
}

export interface StandbyFacts {
  /** primary_conninfo; null: it cannot be read, or there is none. */
  conninfo: Conninfo | null
  /** Whom it streams from. */
  sender: { host: string; port: number } | null
  slot: string | null
  /** No subscription worker can run. */
  fenced: boolean
}

/** Another host of the inventory, for whom an address may stand. */
export interface Neighbour {
  host: string
  /** How others reach it. */
  address: string
  /** That one, and all others that are known. */
  addresses: readonly string[]
  /** null: nobody has said. */
  port: number | null
  /** Whom servers log in to it as. */
  replicationUser: string
  /** Its certificate is verified by who connects. */
  verified: boolean
  /** Publications that it is known to have; null: it is not known. */
  publishes: readonly string[] | null
  /** It has pg_version, or is adopted in this run. */
  described: boolean
}

/** What the inventory says already, and matters here. */
export interface Said {
  /** The variable by which it says pg_replicated_database, and what it is, said or not. */
  database: { name: 'pg_replicated_database' | 'replicated_database'; value: string; isSaid: boolean }
  /** There is a replication password. */
  replicationPassword: boolean
  /** There is an authority that signs certificates. */
  authority: boolean
  /** The short forms, which must not stand beside the long ones. */
  publishes: boolean
  subscribesTo: boolean
  /** pg_hba_exclusive: rules that are not said are removed. */
  exclusive: boolean
}

/** A variable, or where it has no value, what was left out. */
export interface Variable {
  name: string
  value?: unknown
  /** Lines of comment above it. */
  notes: readonly string[]
}
