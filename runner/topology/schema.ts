import * as z from 'zod'
import {
  anyCaseMapping,
  choice,
  flag,
  list,
  named,
  nonEmpty,
  port,
  scalar,
  secret,
  text,
} from '../../contract/params.ts'
import { modules } from '../../modules/registry.ts'
import { identifier, slotName } from '../../postgres/catalog/names.ts'
import { issuesOf, messageOf } from '../load/issues.ts'

/**
 * Elements that are the arguments of a module, without those that the playbooks give themselves.
 * @param given what stands in for these while an element is looked at
 */
function argumentsOf(name: string, given: Record<string, unknown> = {}) {
  const module = modules.get(name)!
  const element = z.record(z.string(), z.unknown(), { error: 'expected a mapping' })
  const elements = list(element).superRefine((items, context) => {
    for (const [index, item] of items.entries()) {
      const whole = { version: '15', ...given, ...item }
      const parsed = module.params.safeParse(whole)
      if (parsed.success) continue
      for (const issue of issuesOf(parsed.error.issues, whole))
        context.addIssue({ code: 'custom', path: [index, ...issue.path], message: messageOf(issue, module) })
    }
  })
  return named(elements, `list of arguments of [${name}](modules.md#${name})`)
}

const subscription = z.strictObject({
  name: identifier,
  /** A host of the inventory. */
  publisher: nonEmpty('the name of a host'),
  publications: list(identifier, { min: 1 }),
  copy_data: flag().optional(),
  slot: slotName.optional(),
})
export type NamedSubscription = z.infer<typeof subscription>

const settings = anyCaseMapping(text(), scalar().nullable())
const hostName = () => nonEmpty('the name of a host')

/** What decides who talks with whom: needed whenever anything is. */
export const TOPOLOGY = {
  pg_version: text().meta({ unset: 'the host has no cluster', description: 'Major version.', example: 15 }),
  pg_cluster: text()
    .default('main')
    .meta({ description: 'Name of the cluster, as `pg_lsclusters` shows it.' }),
  pg_port: port()
    .default(5432)
    .meta({ description: 'TCP port of its server: of a new cluster, and for those who connect to it.' }),
  pg_resting_port: port().optional().meta({
    unset: '`pg_port` and 1',
    description: 'Port of the cluster that waits beside it while it is upgraded.',
  }),
  pg_address: nonEmpty().optional().meta({
    unset: '`ansible_host`, else the name of the host',
    description: 'How the other servers reach it, where that is not how `play` does.',
    example: '10.0.0.11',
  }),
  pg_host_names: choice('keep', 'present', 'absent').default('keep').meta({
    description:
      'Of the other hosts: present: each has a line in /etc/hosts, beside all others that are there; absent: these lines are taken away; keep: the file is left alone.',
  }),
  pg_allowed_network: list(nonEmpty(), { min: 1 }).optional().meta({
    unset: 'the addresses of the servers that it replicates with',
    description: 'Networks that the replication role may come from.',
    example: '10.0.0.0/24',
  }),
  pg_replicated_database: identifier
    .default('postgres')
    .meta({ description: 'Database of its publications and subscriptions. Also: `replicated_database`.' }),
  pg_replication_user: identifier
    .default('replicator')
    .meta({ description: 'Role that servers log in to each other as. Also: `replication_user`.' }),
  pg_replication_password: secret().optional().meta({
    unset: 'needed where servers log in to each other',
    description: 'Its password. Also: `replication_password`.',
  }),
  standby_of: hostName().optional().meta({
    unset: 'it is a primary',
    description: 'The host, or the `pg_ha_group`, whose standby it is.',
    example: 'db1',
  }),
  pg_ha_group: nonEmpty('the name of a group').optional().meta({
    unset: 'its role is declared',
    description:
      'Hosts that say the same name stand in for each other: one is the primary, the others are its standbys, and which one is found (below).',
    example: 'shop',
  }),
  pg_primary: hostName().optional().meta({
    unset: 'needed with `pg_ha_group`',
    description: 'Who of the group is the primary when nothing exists yet. Of no meaning afterwards.',
    example: 'db1',
  }),
  publishes: list(text())
    .optional()
    .meta({
      unset: 'nothing',
      description: 'Short for `pg_publications`: one, test_pub, of these tables.',
      example: ['sales.orders'],
    }),
  subscribes_to: list(hostName())
    .optional()
    .meta({
      unset: 'nobody',
      description:
        'Short for `pg_subscriptions`: from_HOST, to all that each of these hosts, or groups, publishes.',
      example: ['db1'],
    }),
  pg_publications: argumentsOf('pg_publication')
    .optional()
    .meta({
      unset: 'as `publishes` says',
      description: 'Its publications: name, and tables (also with columns and where), schemas or all_tables.',
      example: [{ name: 'orders', tables: ['sales.orders', 'sales.items'] }],
    }),
  pg_subscriptions: list(subscription)
    .optional()
    .meta({
      unset: 'as `subscribes_to` says',
      description:
        'Its subscriptions: name, publisher (a host, or a `pg_ha_group`), publications, copy_data (true where left out), slot (HOST_NAME where left out).',
      example: [{ name: 'erp_orders', publisher: 'erp', publications: ['orders'] }],
    }),
  backup_of: hostName().optional().meta({
    unset: 'it keeps none',
    description:
      'The host, or the `pg_ha_group`, whose backups it keeps (docs/backup.md). As a variable of that group itself it is for those that are standbys.',
    example: 'db1',
  }),
  pg_slot_host: nonEmpty()
    .optional()
    .meta({ unset: 'the name of the host', description: 'What its slots are named after.' }),
  pg_replication: choice('managed', 'keep').default('managed').meta({
    description:
      'keep: how it follows other servers stays as somebody else made it: the connection, the slot, the settings and the rules of a standby, and the connections of its subscriptions. Nothing is made for it on those servers.',
    example: 'keep',
  }),
  pg_tls: choice('authority', 'keep').optional().meta({
    unset: '`authority`; refused where its server has a certificate of its own',
    description:
      'authority: a certificate signed by the authority on this machine, or the one of `certificate_files`. keep: TLS stays as it is, and who connects does not verify it.',
    example: 'keep',
  }),
} as const

/** What is in a cluster, and how it is set. Facts of the host may stand in these: they are read where they are used. */
export const CONTENTS = {
  pg_settings: settings.optional().meta({
    unset: 'none',
    description: 'Settings.',
    example: { shared_buffers: '4GB', max_connections: 200 },
  }),
  pg_group_settings: settings.optional().meta({
    unset: 'none',
    description: 'Settings of a group, over `pg_settings`.',
    example: { work_mem: '64MB' },
  }),
  pg_host_settings: settings.optional().meta({
    unset: 'none',
    description: 'Settings of a host, over both.',
    example: { shared_buffers: '8GB' },
  }),
  pg_hba_rules: named(list(z.record(z.string(), z.unknown())), 'list of rules of [pg_hba](modules.md#pg_hba)')
    .optional()
    .meta({
      unset: 'none',
      description: 'Who may log in, besides the other servers. Rules are added to those that are there.',
      example: [
        { type: 'hostssl', database: 'shop', user: 'shop', address: '10.0.1.0/24', method: 'scram-sha-256' },
      ],
    }),
  pg_hba_exclusive: flag()
    .default(false)
    .meta({ description: 'Any other rule is removed. Whoever came in by one is locked out.' }),
  pg_databases: argumentsOf('pg_database')
    .optional()
    .meta({ unset: 'none', description: 'Databases.', example: [{ name: 'shop', owner: 'shop' }] }),
  pg_roles: argumentsOf('pg_role')
    .optional()
    .meta({ unset: 'none', description: 'Roles.', example: [{ name: 'shop', login: true }] }),
  pg_extensions: argumentsOf('pg_extension')
    .optional()
    .meta({
      unset: 'none',
      description: 'Extensions.',
      example: [{ name: 'pg_stat_statements', db: 'shop' }],
    }),
  pg_tables: argumentsOf('pg_table')
    .optional()
    .meta({
      unset: 'none',
      description: 'Tables, where they are not made by somebody else. They are made on subscribers too.',
      example: [{ name: 'test', columns: [{ name: 'id', type: 'bigint' }], primary_key: ['id'] }],
    }),
  pg_tablespaces: argumentsOf('pg_tablespace')
    .optional()
    .meta({
      unset: 'none',
      description: 'Tablespaces, of a primary and its standbys: the folders are made on each.',
      example: [{ name: 'fast', location: '/srv/fast', owner: 'shop' }],
    }),
  pg_packages: list(nonEmpty())
    .optional()
    .meta({
      unset: 'none',
      description: 'More packages, such as those of extensions.',
      example: ['postgresql-15-cron'],
    }),
} as const

/** Names of the design, by which inventories may say the same. */
export const ALSO: Readonly<Record<string, string>> = {
  pg_replicated_database: 'replicated_database',
  pg_replication_user: 'replication_user',
  pg_replication_password: 'replication_password',
}

export type TopologyVariables = z.output<z.ZodObject<typeof TOPOLOGY>>
export type ContentsVariables = z.output<z.ZodObject<typeof CONTENTS>>

/** All names that mean something to the playbooks. */
export const KNOWN: readonly string[] = [
  ...Object.keys(TOPOLOGY),
  ...Object.keys(CONTENTS),
  ...Object.values(ALSO),
]
