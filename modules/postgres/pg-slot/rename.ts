import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { quoteLiteral } from '../../../contract/quote.ts'
import { readSlot, type Slot, slotKey } from '../../../postgres/catalog/slot.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'

/** A logical slot that shall have another name. */
export interface Renaming {
  from: string
  old: Slot | null
  /** Where both names are there: whether both stand at the same position, and which. */
  positions?: { old: string; new: string }
}

export async function readRenaming(
  host: HostReader,
  cluster: Cluster,
  name: string,
  from: string,
): Promise<Renaming> {
  const [old, present] = await Promise.all([readSlot(host, cluster, from), readSlot(host, cluster, name)])
  if (!old || !present) return { from, old }
  const rows = await host.sql(
    targetOf(cluster),
    'select slot_name, confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = any ($1)',
    [[from, name]],
  )
  const at = (slot: string): string => rows.find(({ slot_name }) => slot_name === slot)?.lsn ?? ''
  return { from, old, positions: { old: at(from), new: at(name) } }
}

/**
 * PostgreSQL has no statement for it: the slot is copied at its position, then dropped. Whoever still streams from it
 * is cut off first, and never finds it again: that is the fence against a server that is thought to be dead.
 */
export function planRenaming(
  cluster: Cluster,
  name: string,
  present: Slot | null,
  { from, old, positions }: Renaming,
): Plan {
  const path = `slot ${name}`
  if (!old) {
    if (present) return { changes: [], steps: [] }
    throw new Refusal(
      `there is neither slot ${from} nor slot ${name}`,
      'What was changed since the slot was dropped will not come by itself: see `on_lost_slot` of pg_subscription.',
    )
  }
  if (old.type !== 'logical' || old.wal_status === 'lost')
    throw new Refusal(`slot ${from} cannot be renamed: it is ${old.type === 'logical' ? 'lost' : 'physical'}`)
  const on = targetOf(cluster, old.db ?? undefined)
  const predicts = [
    predict(slotKey(cluster, from), null),
    predict(slotKey(cluster, name), present ?? { ...old, active: false, active_pid: null }),
  ]
  if (!present) {
    const step: Step = { do: 'sql', title: path, on, text: renameScript(from, name) }
    const change = { path, before: `named ${from}`, after: `named ${name}, at the same position` }
    return { changes: [change], steps: [step], predicts }
  }
  // An interruption between copy and drop.
  if (!positions || positions.old !== positions.new)
    throw new Refusal(
      `slot ${name} and slot ${from}, from which it shall be renamed, are both there, at different positions`,
      `Find out which one the subscription needs, and drop the other: \`pg_slot: { state: absent }\`.`,
      [`${from}: ${positions?.old}`, `${name}: ${positions?.new}`],
    )
  const drop: Step = {
    do: 'sql',
    title: path,
    on,
    text: 'select pg_drop_replication_slot($1)',
    values: [from],
  }
  const change = { path: `slot ${from}`, before: `a copy of ${name}`, after: null, destructive: true }
  return { changes: [change], steps: [drop], predicts }
}

/** One statement: a walsender that comes back between copy and drop makes it begin again. */
const renameScript = (from: string, name: string): string => `do $$
declare
  source constant text := ${quoteLiteral(from)};
  target constant text := ${quoteLiteral(name)};
begin
  if (select to_jsonb(s) ->> 'two_phase' = 'true' from pg_replication_slots s where slot_name = source) then
    raise exception 'slot % decodes prepared transactions, which its copy would not', source;
  end if;
  for attempt in 1..200 loop
    perform pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = source and active;
    if found then
      perform pg_sleep(0.05);
      continue;
    end if;
    perform pg_copy_logical_replication_slot(source, target);
    if exists (select from pg_replication_slots where slot_name = source and active) then
      perform pg_drop_replication_slot(target);
      continue;
    end if;
    perform pg_drop_replication_slot(source);
    return;
  end loop;
  raise exception 'slot % is still in use after 10 s', source;
end $$`
