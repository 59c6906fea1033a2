import type { Vars } from '../hosts/variables.ts'

/** `pg_wanted`: what the inventory wants of one host's cluster, as playbooks read it. Lists are empty where there is nothing. */
export interface WantedView {
  role: 'primary' | 'standby'
  version: string
  cluster: string
  port: number
  /** Of the cluster that waits beside it during an upgrade. */
  resting_port: number
  /** How others reach it. */
  address: string
  /** Its names and the address they lead to, for /etc/hosts of the others; null where no address is said. */
  host_entry: { address: string; names: string[] } | null
  /** What becomes of such lines of the others on this host. */
  host_names: 'keep' | 'present' | 'absent'
  /** Where its publications and subscriptions are. */
  database: string
  replication_user: string
  replication_password: string | null
  /** How others log in to it, for the modules that connect. */
  connection: Connection
  tls: 'authority' | 'keep'
  /** Whether anybody said so. */
  tls_said: boolean
  /** The host that a standby follows, and its slot there. */
  upstream: string | null
  upstream_connection: Connection | null
  slot: string | null
  /** Hosts, the next first, up to the primary. */
  upstreams: string[]
  /** Arguments of pg_publication. */
  publications: Record<string, unknown>[]
  subscriptions: WantedViewSubscription[]
  /** How subscribers log in to it. */
  publisher_connection: Connection & { dbname: string }
  /** Hosts that subscribe to it, and that follow it. */
  subscribers: WantedViewSubscriber[]
  standbys: { host: string; slot: string }[]
  /** Hosts that stand in for each other, itself among them; null: its role is declared. */
  ha_group: string | null
  /** Whose backups it keeps, and under which name; null: nobody's. */
  backup_of: { host: string; name: string } | null
  /** Of a publisher, whether its standbys keep the slots of its subscribers; of a standby, whether it keeps its primary's. */
  failover_slots: boolean
  /**
   * Of a publisher whose standbys keep its slots: synchronized_standby_slots. Of such a standby: the same, once it has taken
   * over. Null where the user says something of it.
   */
  awaited_slots: string | null
  /** keep: how it follows others is not play's business. */
  replication: 'managed' | 'keep'
  /** Whether other servers log in to it. */
  has_peers: boolean
  /** What the replication role must be able to read: arguments of pg_grant. */
  readable: Record<string, unknown>[]
  /** Arguments of pg_conf. */
  settings: { settings: Vars; at_least: Vars; defaults: Vars }
  /** Names of those that are said of this very host, in small letters, as in files. */
  own_settings: string[]
  /** Of pg_conf, for a standby that has become a primary. */
  as_primary: Vars
  /** The same, of the file in conf.d that standby_signal writes. */
  no_standby: Vars
  /** Of pg_conf, for a primary that has become a standby. */
  as_standby: Vars
  /** Rules of pg_hba: those of the user, and those for the other servers, before what would catch them. */
  hba_rules: Record<string, unknown>[]
  hba_exclusive: boolean
  /** Arguments of pg_database, pg_role, pg_extension and pg_table. */
  databases: Record<string, unknown>[]
  roles: Record<string, unknown>[]
  extensions: Record<string, unknown>[]
  tables: Record<string, unknown>[]
  /** Arguments of pg_tablespace, of its primary. */
  tablespaces: Record<string, unknown>[]
  packages: string[]
}

/** A subscription of another host to this one. */
export interface WantedViewSubscriber {
  host: string
  slot: string
  name: string
  publications: string[]
  /** On the host that subscribes. */
  database: string
  /** As in its own view. */
  failover?: true
}

export interface WantedViewSubscription {
  name: string
  publisher: string
  publications: string[]
  slot: string
  copy_data: boolean
  /** Null where the inventory does not list them. */
  tables: string[] | null
  /** Whether its slot is kept by the publisher's standbys; left out where there is nothing to say of it. */
  failover?: true
  /** Whether anything may come: its publisher may publish nothing for now. */
  brings: boolean
  /** To the publisher, with its database. */
  connection: Connection & { dbname: string }
}

/** Keywords of libpq. */
export interface Connection {
  host: string
  /** Left out where it is libpq's own default. */
  port?: number
  /** Left out where it is postgres. */
  dbname?: string
  user: string
  passfile: string
  sslmode: string
  sslrootcert?: string
}
