import {
  asPostgres,
  DATA,
  type Drift,
  dropStandby,
  ETC,
  PASSFILE,
  reload,
  restart,
  sql,
  start,
  stop,
  until,
} from './act.ts'

const STANDBY_CONF = `${ETC}/conf.d/standby.conf`
const port = (host: string, number: number) =>
  [host, `sed -i 's/^port = .*/port = ${number}/' ${ETC}/postgresql.conf`] as const
const backup = (from: string) =>
  asPostgres('vm4', `PGPASSFILE=${PASSFILE} pg_basebackup -w -h ${from} -U replicator -D ${DATA} -c fast`)
const away = asPostgres('vm4', `mv ${DATA} ${DATA}.away`)
const comeBack = [
  'vm4',
  `[ ! -d ${DATA}.away ] || { systemctl stop postgresql@15-main; rm -rf ${DATA}; mv ${DATA}.away ${DATA}; }`,
] as const
const anewFrom = [dropStandby, ['vm4', `rm -rf ${DATA}.*`]] as const

/** Clusters that are stopped, gone or changed, and the standby in every state that it can be found in. */
export const clusters: readonly Drift[] = [
  { name: 'vm1-stopped', apply: [stop('vm1')] },
  { name: 'vm3-stopped', apply: [stop('vm3')] },
  { name: 'vm4-stopped', apply: [stop('vm4')] },
  { name: 'all-stopped', apply: [stop('vm4'), stop('vm1'), stop('vm2'), stop('vm3')] },
  { name: 'vm2-killed', apply: [['vm2', `kill -9 $(head -n 1 ${DATA}/postmaster.pid); sleep 0.5`]] },
  {
    name: 'vm1-stopped-and-drifted',
    apply: [sql('vm1', 'alter role replicator nologin', 'drop publication test_pub'), stop('vm1')],
  },
  {
    name: 'vm3-stopped-and-drifted',
    apply: [
      sql('vm3', 'revoke select on test from replicator', 'alter subscription from_vm1 disable'),
      stop('vm3'),
    ],
  },
  {
    name: 'vm2-start-conf',
    apply: [['vm2', `sed -i 's/^auto/manual/' ${ETC}/start.conf`]],
    undo: [['vm2', `sed -i 's/^manual/auto/' ${ETC}/start.conf`]],
  },
  {
    name: 'vm2-other-port',
    apply: [port('vm2', 5433), restart('vm2')],
    undo: [port('vm2', 5432), restart('vm2')],
  },
  {
    name: 'vm4-other-port',
    apply: [port('vm4', 5433), restart('vm4')],
    undo: [port('vm4', 5432), restart('vm4')],
  },
  {
    name: 'vm2-port-not-yet',
    apply: [port('vm2', 5433)],
    undo: [port('vm2', 5432), restart('vm2')],
    beyond: 'the run restarts vm2 on a port where its subscribers do not look for it',
  },
  { name: 'vm4-dropped', apply: [['vm4', 'pg_dropcluster --stop 15 main']] },
  {
    name: 'vm2-dropped',
    apply: [['vm2', 'pg_dropcluster --stop 15 main']],
    beyond: 'the rows of a writer that begins anew meet those that it wrote before',
  },
  {
    name: 'vm4-dropped-with-its-slot',
    apply: [['vm4', 'pg_dropcluster --stop 15 main'], sql('vm3', "select pg_drop_replication_slot('vm4')")],
  },
  { name: 'vm3-dropped', apply: [['vm3', 'pg_dropcluster --stop 15 main']], undo: anewFrom },
  { name: 'vm4-promoted', apply: [sql('vm4', 'select pg_promote()')], undo: anewFrom },
  {
    name: 'vm4-partial-backup',
    apply: [
      stop('vm4'),
      away,
      backup('vm3'),
      ['vm4', `rm ${DATA}/global/pg_control ${DATA}/backup_manifest`],
    ],
    undo: [['vm4', `rm -rf ${DATA}.*`]],
  },
  {
    name: 'vm4-empty-data',
    apply: [stop('vm4'), away, asPostgres('vm4', `mkdir -m 0700 ${DATA}`)],
    undo: [['vm4', `rm -rf ${DATA}.*`]],
  },
  { name: 'vm4-no-data', apply: [stop('vm4'), away], undo: [comeBack, start('vm4')] },
  {
    name: 'vm4-pristine',
    apply: [['vm4', 'pg_dropcluster --stop 15 main; pg_createcluster --start 15 main >/dev/null']],
    undo: [['vm4', `rm -rf ${DATA}.*`]],
  },
  {
    name: 'vm4-of-another-primary',
    apply: [stop('vm4'), away, backup('vm1')],
    undo: [comeBack, start('vm4')],
  },
  {
    name: 'vm4-runs-as-standby-of-another',
    apply: [
      stop('vm4'),
      away,
      backup('vm1'),
      asPostgres('vm4', `touch ${DATA}/standby.signal`),
      ['vm4', `sed -i -e "s/host=[^ ]*/host=vm1/" -e '/slot_name/d' ${STANDBY_CONF}`],
      start('vm4'),
    ],
    undo: anewFrom,
  },
  {
    name: 'vm4-copied-not-begun',
    apply: [stop('vm4'), away, backup('vm3')],
    undo: [['vm4', `rm -rf ${DATA}.*`]],
  },
  { name: 'vm4-signal-missing', apply: [stop('vm4'), ['vm4', `rm ${DATA}/standby.signal`]] },
  {
    name: 'vm4-follows-another',
    apply: [['vm4', `sed -i 's/host=[^ ]*/host=vm1/' ${STANDBY_CONF}`], reload('vm4')],
  },
  {
    name: 'vm4-other-slot',
    apply: [
      ['vm4', `sed -i 's/^primary_slot_name.*/primary_slot_name = other/' ${STANDBY_CONF}`],
      reload('vm4'),
    ],
  },
  { name: 'vm4-standby-conf-missing', apply: [['vm4', `rm ${STANDBY_CONF}`]] },
  { name: 'vm4-standby-conf-missing-restarted', apply: [['vm4', `rm ${STANDBY_CONF}`], restart('vm4')] },
  { name: 'vm4-slot-missing', apply: [stop('vm4'), sql('vm3', "select pg_drop_replication_slot('vm4')")] },
  {
    name: 'vm4-slot-missing-running',
    apply: [stop('vm4'), sql('vm3', "select pg_drop_replication_slot('vm4')"), start('vm4')],
  },
  {
    name: 'vm4-replay-paused',
    apply: [
      sql('vm4', 'select pg_wal_replay_pause()'),
      until('vm4', "select pg_get_wal_replay_pause_state() = 'paused'"),
    ],
    undo: [sql('vm4', 'select pg_wal_replay_resume()')],
  },
  {
    name: 'vm4-allows-less-than-vm3',
    apply: [
      sql('vm3', 'alter system set max_connections = 120'),
      restart('vm3'),
      // It learns of it once it has connected again.
      [
        'vm4',
        `cd /; timeout 60 sh -c 'until runuser -u postgres -- psql -XAtc "select pg_get_wal_replay_pause_state()" | grep -qx paused; do sleep 0.2; done'`,
      ],
    ],
    undo: [restart('vm4')],
  },
]
