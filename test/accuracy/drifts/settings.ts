import { DATA, type Drift, ETC, reload, restart, sql } from './act.ts'

const PLAY_CONF = `${ETC}/conf.d/play.conf`
const interval = (seconds: number) => `wal_receiver_status_interval = ${seconds}s`

/** Settings, in each of the places where PostgreSQL reads them. */
export const settings: readonly Drift[] = [
  {
    name: 'conf-shadowed',
    apply: [['vm1', `sed -i "1i wal_level = replica" ${ETC}/postgresql.conf`], reload('vm1')],
    undo: [['vm1', `sed -i 1d ${ETC}/postgresql.conf`], reload('vm1')],
  },
  {
    name: 'conf-after-the-include',
    apply: [['vm1', `echo "${interval(7)}" >> ${ETC}/postgresql.conf`], reload('vm1')],
    undo: [['vm1', `sed -i '/^${interval(7)}/d' ${ETC}/postgresql.conf`], reload('vm1')],
  },
  {
    name: 'conf-without-include',
    apply: [['vm2', `sed -i 's/^include_dir/#include_dir/' ${ETC}/postgresql.conf`]],
    undo: [['vm2', `sed -i 's/^#include_dir/include_dir/' ${ETC}/postgresql.conf`], restart('vm2')],
  },
  { name: 'play-conf', apply: [['vm2', `sed -i 's/^wal_receiver.*/${interval(5)}/' ${PLAY_CONF}`]] },
  {
    name: 'play-conf-reloaded',
    apply: [['vm2', `sed -i 's/^wal_receiver.*/${interval(5)}/' ${PLAY_CONF}`], reload('vm2')],
  },
  {
    name: 'play-conf-needs-restart',
    apply: [['vm3', `sed -i 's/^max_worker.*/max_worker_processes = 12/' ${PLAY_CONF}`]],
  },
  {
    name: 'play-conf-restarted',
    apply: [['vm1', `sed -i 's/^max_worker.*/max_worker_processes = 12/' ${PLAY_CONF}`], restart('vm1')],
  },
  {
    name: 'play-conf-pending',
    apply: [['vm3', `sed -i 's/^max_worker.*/max_worker_processes = 12/' ${PLAY_CONF}`], reload('vm3')],
  },
  { name: 'play-conf-missing', apply: [['vm1', `rm ${PLAY_CONF}`]] },
  { name: 'play-conf-missing-restarted', apply: [['vm3', `rm ${PLAY_CONF}`], restart('vm3')] },
  { name: 'play-conf-empty', apply: [['vm4', `: > ${PLAY_CONF}`]] },
  {
    name: 'play-conf-broken',
    apply: [['vm2', `echo 'wal_level = = x' >> ${PLAY_CONF}`]],
    undo: [['vm2', `sed -i '/= = x/d' ${PLAY_CONF}`]],
  },
  {
    name: 'play-conf-foreign-line',
    apply: [['vm2', `echo "work_mem = 5MB" >> ${PLAY_CONF}`]],
    undo: [['vm2', `sed -i /work_mem/d ${PLAY_CONF}`], reload('vm2')],
  },
  {
    name: 'later-conf',
    apply: [['vm1', `echo "${interval(3)}" > ${ETC}/conf.d/zz-local.conf`], reload('vm1')],
    undo: [['vm1', `rm -f ${ETC}/conf.d/zz-local.conf`], reload('vm1')],
  },
  {
    name: 'earlier-conf',
    apply: [['vm1', `echo "${interval(3)}" > ${ETC}/conf.d/aa-local.conf`], reload('vm1')],
    undo: [['vm1', `rm -f ${ETC}/conf.d/aa-local.conf`], reload('vm1')],
  },
  { name: 'auto-conf', apply: [sql('vm2', "alter system set wal_receiver_status_interval = '4s'")] },
  {
    name: 'auto-conf-reloaded',
    apply: [sql('vm2', "alter system set wal_receiver_status_interval = '4s'"), reload('vm2')],
  },
  {
    name: 'auto-conf-restarted',
    apply: [sql('vm3', 'alter system set wal_level = replica'), restart('vm3')],
  },
  { name: 'auto-conf-pending', apply: [sql('vm3', 'alter system set wal_level = replica'), reload('vm3')] },
  {
    name: 'auto-conf-does-not-start',
    apply: [
      sql('vm1', 'alter system set wal_level = replica'),
      ['vm1', 'systemctl restart postgresql@15-main || true'],
    ],
  },
  {
    name: 'auto-conf-other-setting',
    apply: [sql('vm1', "alter system set work_mem = '5MB'"), reload('vm1')],
    undo: [sql('vm1', 'alter system reset work_mem'), reload('vm1')],
  },
  {
    name: 'auto-conf-by-hand-on-standby',
    apply: [
      ['vm4', `echo "max_logical_replication_workers = 4" >> ${DATA}/postgresql.auto.conf`],
      restart('vm4'),
    ],
  },
  {
    name: 'standby-needs-restart',
    apply: [['vm4', `sed -i 's/^max_worker.*/max_worker_processes = 18/' ${PLAY_CONF}`], restart('vm4')],
  },
]
