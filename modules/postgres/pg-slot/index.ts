import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, duration, flag, text } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { quoteLiteral } from '../../../contract/quote.ts'
import { identifier, slotName } from '../../../postgres/catalog/names.ts'
import { readSlot, type Slot, slotKey } from '../../../postgres/catalog/slot.ts'
import { majorOf, sinceVersion } from '../../../postgres/catalog/version.ts'
import { type Cluster, requireDatabase, requireServer, targetOf } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { unsentReason } from '../../../postgres/slot/unsent.ts'
import { planRenaming, type Renaming, readRenaming } from './rename.ts'
import { refuseWithoutRoom } from './room.ts'

const params = z.strictObject({
  ...clusterParams,
  name: slotName.meta({ description: 'Name of the slot.', example: 'vm4', aliases: ['slot_name'] }),
  state: choice('present', 'absent').default('present').meta({
    description: '`absent` drops the slot, which nothing may be streaming from.',
  }),
  renamed_from: slotName.optional().meta({
    unset: 'a new slot is made',
    description:
      'A logical slot that takes `name` instead, at its very position. Who still streams from it is cut off, and never finds it again.',
    example: 'vm3_from_vm1',
  }),
  type: choice('physical', 'logical')
    .default('physical')
    .meta({
      description: '`physical` for a standby, `logical` for a subscription.',
      example: 'physical',
      aliases: ['slot_type'],
    }),
  plugin: text({ expected: 'the name of a library', fits: /^[\w./-]+$/ })
    .default('pgoutput')
    .meta({ description: 'Output plugin of a logical slot.', aliases: ['output_plugin'] }),
  db: identifier.default('postgres').meta({
    description: 'Database of a logical slot.',
    example: 'app',
    aliases: ['database'],
  }),
  reserve_wal: flag()
    .default(true)
    .meta({
      description: 'A new physical slot holds WAL back at once, not only from the first connection on.',
      aliases: ['immediately_reserve'],
    }),
  two_phase: flag().default(false).meta({
    description: 'A new logical slot decodes prepared transactions (PostgreSQL 14).',
  }),
  failover: flag().default(false).meta({
    description: 'A new logical slot is kept in step on standbys (PostgreSQL 17).',
  }),
  timeout: duration({ min: 1, whole: true }).default(60).meta({
    description:
      'How long a new logical slot waits for the transactions that write meanwhile; they must end before it can be.',
  }),
})
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  /** Changes are planned on some host: who streams from the slot now may not, once they are made. */
  planned: boolean
  slot: Slot | null
  renaming?: Renaming
}

export const pgSlotModule = defineModule<Params, State>({
  name: 'pg_slot',
  summary: 'Makes, renames and drops replication slots, which hold WAL back for a standby or subscriber',
  params,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requireServer(host, params)
    sinceVersion(cluster, 14, 'two_phase', params.two_phase)
    sinceVersion(cluster, 17, 'failover', params.failover)
    const planned = host.planned('any')
    const slot = await readSlot(host, cluster, params.name)
    if (params.renamed_from !== undefined && params.state === 'present')
      return {
        cluster,
        planned,
        slot,
        renaming: await readRenaming(host, cluster, params.name, params.renamed_from),
      }
    if (params.state === 'absent' || slot) return { cluster, planned, slot }
    if (params.type === 'logical') {
      if (cluster.recovery && majorOf(cluster) < 16)
        throw new Refusal(
          `cluster ${cluster.version}/${cluster.name} on ${host.name} is a standby, which cannot make logical slots before PostgreSQL 16`,
          'Make it on the primary.',
        )
      await requireDatabase(host, cluster, params.db)
    }
    await refuseWithoutRoom(host, cluster, params.type)
    return { cluster, planned, slot }
  },
  plan({ cluster, planned, slot, renaming }, params): Plan {
    if (renaming) return planRenaming(cluster, params.name, slot, renaming)
    const path = `slot ${params.name}`
    const key = slotKey(cluster, params.name)
    if (params.state === 'absent') {
      if (!slot) return { changes: [], steps: [] }
      if (!planned) refuseActive(slot, params.name)
      const step = {
        do: 'sql' as const,
        title: path,
        on: targetOf(cluster),
        text: 'select pg_drop_replication_slot($1)',
        values: [params.name],
      }
      const reason = unsentReason(slot.unsent)
      const change = {
        path,
        before: describe(slot),
        after: null,
        destructive: true,
        ...(reason && { reason }),
      }
      return { changes: [change], steps: [step], predicts: [predict(key, null)] }
    }
    if (slot) {
      refuseOther(slot, params)
      return { changes: [], steps: [], notes: notesOn(slot, params.name) }
    }
    const logical = params.type === 'logical'
    const after: Slot = {
      type: params.type,
      plugin: logical ? params.plugin : null,
      db: logical ? params.db : null,
      temporary: false,
      active: false,
      active_pid: null,
      reserved: logical || params.reserve_wal,
      wal_status: logical || params.reserve_wal ? 'reserved' : null,
      retained: null,
      unsent: null,
    }
    const on = targetOf(cluster, logical ? params.db : undefined)
    return {
      changes: [{ path, before: null, after: describe(after) }],
      steps: [{ do: 'sql', title: path, on, ...(logical ? logicalSlot(params) : physicalSlot(params)) }],
      predicts: [predict(key, after)],
    }
  },
})

const physicalSlot = ({ name, reserve_wal }: Params) => ({
  text: 'select pg_create_physical_replication_slot($1, $2)',
  values: [name, reserve_wal],
})

/**
 * A logical slot is there once every transaction that wrote when it was begun has ended (Logical Decoding, 49.3). One
 * that is left open holds it up for ever, so that the wait has an end, and the error names who is waited for.
 */
function logicalSlot({ name, plugin, two_phase, failover, timeout }: Params) {
  const options = [...(two_phase ? ['twophase => true'] : []), ...(failover ? ['failover => true'] : [])]
  const call = [quoteLiteral(name), quoteLiteral(plugin), ...options].join(', ')
  return {
    text: `do $play$ declare open text; begin
  perform set_config('lock_timeout', '${timeout}s', true);
  perform pg_create_logical_replication_slot(${call});
exception when lock_not_available then
  select string_agg(format('process %s of %s, %s, since %s', pid, usename, state, xact_start::timestamptz(0)), '; ')
    into open from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid();
  raise exception 'a logical slot waits for the transactions that write; some are open for more than ${timeout} s'
    using errcode = '55P03', detail = open, hint = 'End them (commit, rollback, pg_terminate_backend), then run again.';
end $play$`,
  }
}

const describe = ({ type, plugin, db }: Slot): string =>
  type === 'physical' ? 'physical' : `logical, ${plugin}, database ${db}`

const DROP = 'If nothing needs it any more, drop it first: `pg_slot: { state: absent }`.'

function refuseActive(slot: Slot, name: string): void {
  if (slot.active)
    throw new Refusal(
      `slot ${name} is in use: process ${slot.active_pid} streams from it`,
      'Remove the standby or subscription that uses it first (pg_stat_replication tells who it is).',
    )
}

function refuseOther(slot: Slot, params: Params): void {
  const differs =
    slot.type !== params.type ||
    (slot.type === 'logical' && (slot.plugin !== params.plugin || slot.db !== params.db))
  if (differs)
    throw new Refusal(
      `slot ${params.name} is there, but it is another kind: ${describe(slot)}`,
      `${DROP} Or choose another name.`,
    )
  if (slot.temporary)
    throw new Refusal(
      `slot ${params.name} is a temporary slot of process ${slot.active_pid}`,
      'Choose another name.',
    )
  if (slot.wal_status === 'lost')
    throw new Refusal(
      `slot ${params.name} is lost: the server has removed WAL that it needed (max_slot_wal_keep_size)`,
      slot.type === 'physical'
        ? 'Its standby must be copied anew: drop the slot (`state: absent`), make it again, then pg_basebackup.'
        : 'Its subscriber has missed changes: drop the slot (`state: absent`), then see `on_lost_slot` of pg_subscription.',
    )
}

function notesOn(slot: Slot, name: string): string[] | undefined {
  if (slot.wal_status === 'unreserved')
    return [`slot ${name} is about to be lost: WAL that it needs may be removed at the next checkpoint`]
  return undefined
}
