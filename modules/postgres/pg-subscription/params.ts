import * as z from 'zod'
import { choice, flag, list } from '../../../contract/params.ts'
import { identifier, qualifiedName, slotName } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { connectionParam } from '../../../postgres/subscription/connection.ts'

const option = (description: string, unset = 'left as it is; false for a new one') =>
  flag().optional().meta({ description, unset })

export const subscriptionParams = z
  .strictObject({
    ...clusterParams,
    name: identifier.meta({
      description: 'Name of the subscription.',
      example: 'from_vm1',
      aliases: ['subscription'],
    }),
    db: identifier.default('postgres').meta({
      description: 'Database that receives the rows.',
      example: 'app',
      aliases: ['database'],
    }),
    state: choice('present', 'absent').default('present').meta({
      description:
        '`absent` drops the subscription, and its slot on the publisher if that can be reached; else a note names the slot that stays.',
    }),
    connection: connectionParam.optional().meta({
      unset: 'needed with `state: present`',
      description:
        'How this server reaches the publisher: keywords of libpq. There is no password in it; see pg_passfile.',
      example: {
        host: '10.15.0.11',
        dbname: 'app',
        user: 'replicator',
        passfile: '/var/lib/postgresql/.pgpass',
      },
    }),
    publications: list(identifier, { min: 1 })
      .optional()
      .meta({
        unset: 'needed with `state: present`',
        description: 'Exactly the publications it subscribes to.',
        example: ['test_pub'],
      }),
    slot_name: slotName.optional().meta({
      unset: 'left as it is; a new one is named after this host and the subscription',
      description:
        'Slot on the publisher. A new subscription makes one, named after this host and the subscription, or takes one that is there and has sent nothing yet. That of another subscription is refused.',
      example: 'vm2_from_vm1',
    }),
    slot_renamed: flag().default(false).meta({
      description:
        '`slot_name` is the very slot it uses, under another name (pg_slot `renamed_from`): the subscription goes on where it was. Without it a change of `slot_name` is refused.',
    }),
    enabled: flag().default(true).meta({ description: 'It receives changes.' }),
    copy_data: flag().default(true).meta({
      description: 'Rows that are there already are copied first, when it is made and when tables join it.',
    }),
    filled_tables: choice('refuse', 'compare', 'replace', 'copy', 'trust').default('refuse').meta({
      description:
        'When a table that joins the subscription holds rows already, here and on the publisher: `refuse`, with the counts of both sides; `compare`, which joins without a copy where both hold the very same rows (their number and a checksum), and refuses otherwise; `replace`, which keeps the rows that are here in schema replaced_by_play, empties the table, and copies all; `copy` beside them, for tables that gather the rows of several publishers; `trust`, which joins without a copy. `copy_data: false` says `trust` for a subscription that is made, not for tables that join it later.',
    }),
    refresh: choice('auto', 'always').default('auto').meta({
      description:
        'When the publisher is asked whether its tables changed: `auto`, where the subscription is new, changes, does not run well, or has other tables than `tables`; `always`, each time.',
    }),
    tables: list(qualifiedName)
      .optional()
      .meta({
        unset: 'the publisher is not asked for this',
        description:
          'The tables that its publications hold, as `schema.table`. Where it has others, the publisher is asked, and what joined or left is taken in; this costs nothing where all is well, as `refresh: always` would.',
        example: ['public.test'],
      }),
    on_lost_slot: choice('refuse', 'recreate').default('refuse').meta({
      description:
        'When the slot is gone or lost on the publisher: `refuse`, or `recreate` it and go on from now; changes made in between never arrive.',
    }),
    synchronous_commit: choice('off', 'local', 'remote_write', 'on', 'remote_apply').optional().meta({
      unset: "left as it is; PostgreSQL's own default for a new one",
      description: 'synchronous_commit of its workers.',
    }),
    binary: option('Rows travel in binary form (PostgreSQL 14).'),
    streaming: choice('on', 'off', 'parallel').optional().meta({
      unset: "left as it is; PostgreSQL's own default for a new one",
      description: 'Large transactions are sent while they run (PostgreSQL 14; `parallel` from 16 on).',
    }),
    two_phase: option(
      'Prepared transactions are decoded when they are prepared (PostgreSQL 15); it changes in place from 18 on.',
    ),
    disable_on_error: option(
      'An error disables it, instead of being retried for ever (PostgreSQL 15). A restart of the publisher counts as one, so that it would stay disabled until somebody enables it (docs/decisions/0009).',
    ),
    origin: choice('any', 'none').optional().meta({
      unset: "left as it is; PostgreSQL's own default for a new one",
      description: '`none`: only rows that were written on the publisher itself (PostgreSQL 16).',
    }),
    password_required: option(
      'A subscription of no superuser needs a password (PostgreSQL 16).',
      'left as it is; true for a new one',
    ),
    run_as_owner: option(
      'Rows are applied as the owner of the subscription, not of the table (PostgreSQL 16).',
    ),
    failover: option('Its slot is kept in step on the publisher’s standbys (PostgreSQL 17).'),
    owner: identifier
      .optional()
      .meta({ unset: 'left as it is; postgres for a new one', description: 'Role that owns it.' }),
  })
  .superRefine((given, context) => {
    for (const key of ['connection', 'publications'] as const)
      if (given.state === 'present' && given[key] === undefined)
        context.addIssue({ code: 'custom', message: 'a subscription needs it', path: [key] })
    if (!given.copy_data && ['replace', 'copy'].includes(given.filled_tables))
      context.addIssue({
        code: 'custom',
        message: '`copy_data: false` leaves nothing to copy: refuse, compare or trust',
        path: ['filled_tables'],
      })
  })
export type SubscriptionParams = z.infer<typeof subscriptionParams>
