import { type Drift, sql, until } from './act.ts'

/** Tables, publications, subscriptions and slots. */
export const objects: readonly Drift[] = [
  {
    name: 'table-missing',
    // Empty first: a first row that is there already on the subscribers would be a conflict, which no check foresees.
    apply: [
      sql('vm1', 'delete from test'),
      until('vm2', 'select count(*) = 0 from test'),
      until('vm3', 'select count(*) = 0 from test'),
      sql('vm1', 'alter publication test_pub set table test2', 'drop table test'),
    ],
  },
  { name: 'table-missing-on-subscriber', apply: [sql('vm3', 'drop table test2')] },
  { name: 'table-column-missing', apply: [sql('vm3', 'alter table test drop column note')] },
  {
    name: 'table-column-of-other-type',
    apply: [sql('vm2', 'alter table test alter id type int')],
    undo: [sql('vm2', 'alter table test alter id type bigint')],
  },
  {
    name: 'table-another-column',
    apply: [sql('vm3', 'alter table test add extra int')],
    undo: [sql('vm3', 'alter table test drop extra')],
  },
  {
    name: 'table-without-key',
    apply: [sql('vm1', 'alter table test drop constraint test_pkey')],
    undo: [sql('vm1', 'alter table test add primary key (id)')],
  },
  { name: 'table-grant-missing', apply: [sql('vm2', 'revoke select on test2 from replicator')] },
  { name: 'row-missing', apply: [sql('vm1', 'delete from test where id = 1')] },
  {
    name: 'row-missing-on-subscriber',
    apply: [sql('vm3', 'delete from test where id = 1')],
    undo: [sql('vm3', "insert into test values (1, 'x')")],
  },
  { name: 'publication-other-table', apply: [sql('vm1', 'alter publication test_pub set table test2')] },
  { name: 'publication-more-tables', apply: [sql('vm2', 'alter publication test_pub add table test')] },
  {
    name: 'publication-inserts-only',
    apply: [sql('vm1', "alter publication test_pub set (publish = 'insert')")],
  },
  { name: 'publication-missing', apply: [sql('vm1', 'drop publication test_pub')] },
  {
    name: 'publication-of-all-tables',
    apply: [sql('vm2', 'drop publication test_pub', 'create publication test_pub for all tables')],
    undo: [sql('vm2', 'drop publication test_pub')],
  },
  { name: 'subscription-disabled', apply: [sql('vm3', 'alter subscription from_vm1 disable')] },
  {
    name: 'subscription-elsewhere',
    apply: [
      sql(
        'vm3',
        "alter subscription from_vm1 connection 'host=vm2 dbname=postgres user=replicator passfile=/var/lib/postgresql/play.pgpass'",
      ),
    ],
  },
  {
    name: 'subscription-nowhere',
    apply: [
      sql('vm2', "alter subscription from_vm1 connection 'host=127.0.0.9 dbname=postgres user=replicator'"),
    ],
  },
  {
    name: 'subscription-missing',
    apply: [sql('vm3', 'drop subscription from_vm2')],
    undo: [sql('vm3', 'truncate test2')],
  },
  {
    name: 'subscription-missing-table-empty',
    apply: [sql('vm3', 'drop subscription from_vm2', 'truncate test2')],
  },
  {
    name: 'subscription-missing-slot-kept',
    apply: [
      sql(
        'vm1',
        'alter subscription from_vm2 disable',
        'alter subscription from_vm2 set (slot_name = none)',
        'drop subscription from_vm2',
      ),
    ],
  },
  {
    name: 'subscription-other-publication',
    apply: [sql('vm3', 'alter subscription from_vm1 set publication other_pub with (refresh = false)')],
  },
  {
    name: 'subscription-binary',
    apply: [sql('vm3', 'alter subscription from_vm1 set (binary = true)')],
    undo: [sql('vm3', 'alter subscription from_vm1 set (binary = false)')],
  },
  {
    name: 'subscription-other-slot',
    apply: [
      sql(
        'vm3',
        'alter subscription from_vm1 disable',
        "alter subscription from_vm1 set (slot_name = 'other')",
      ),
    ],
    undo: [
      sql(
        'vm3',
        'alter subscription from_vm1 disable',
        "alter subscription from_vm1 set (slot_name = 'vm3_from_vm1')",
      ),
    ],
  },
  {
    name: 'subscription-slot-dropped',
    apply: [sql('vm3', 'alter subscription from_vm1 disable'), dropSlot('vm1', 'vm3_from_vm1')],
    undo: [
      sql(
        'vm3',
        'alter subscription from_vm1 disable',
        'alter subscription from_vm1 set (slot_name = none)',
        'drop subscription from_vm1',
        'truncate test',
      ),
    ],
  },
  {
    name: 'subscription-slot-of-other-kind',
    apply: [
      sql('vm2', 'alter subscription from_vm1 disable'),
      dropSlot('vm1', 'vm2_from_vm1'),
      sql('vm1', "select pg_create_physical_replication_slot('vm2_from_vm1')"),
    ],
    undo: [
      sql('vm1', "select pg_drop_replication_slot('vm2_from_vm1')"),
      sql(
        'vm2',
        'alter subscription from_vm1 disable',
        'alter subscription from_vm1 set (slot_name = none)',
        'drop subscription from_vm1',
      ),
    ],
  },
  {
    name: 'another-slot',
    apply: [sql('vm3', "select pg_create_physical_replication_slot('spare')")],
    undo: [sql('vm3', "select pg_drop_replication_slot('spare')")],
  },
]

/** Once the walsender has gone. */
function dropSlot(host: string, slot: string) {
  const drop = `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}' and not active`
  return sql(
    host,
    `do $$ begin for i in 1..100 loop perform pg_stat_clear_snapshot(); exit when not (select active from pg_replication_slots where slot_name = '${slot}'); perform pg_sleep(0.1); end loop; end $$`,
    drop,
  )
}
