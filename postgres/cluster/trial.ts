import type { Step } from '../../contract/plan.ts'
import type { ConfState } from '../conf/read.ts'
import { pendingRestart } from '../settings/running.ts'
import { type Cluster, targetOf } from './cluster.ts'
import { TRIAL_SCRIPT } from './trial-script.ts'

/**
 * Steps before a restart, which fail where the server would not come up again, and leave it as it is.
 * @param port that the files name
 */
export const trialSteps = (cluster: Cluster, port: number, conf: ConfState | undefined): Step[] => [
  { do: 'sql', on: targetOf(cluster), title: REPLAY_TITLE, text: REPLAY },
  {
    do: 'exec',
    title: `the trial of a start of cluster ${cluster.version}/${cluster.name}`,
    argv: ['perl', '-e', TRIAL_SCRIPT, cluster.dataDir, String(port)],
    as: 'postgres',
    cwd: '/',
    hint: `The server was not touched, and runs on as it did. ${goBack(conf)}`,
  },
]

/** Which lines a restart is to bring into force, and where their files are as they were. */
export function goBack(conf: ConfState | undefined): string {
  const lines = conf
    ? pendingRestart(conf.settings, conf.effective).map((name) => {
        const source = conf.effective.get(name.toLowerCase())
        return source ? `${name} (${source.file}:${source.line})` : `${name} (in no file any more)`
      })
    : []
  const waiting = lines.length > 0 ? `What waits for the restart: ${lines.join(', ')}. ` : ''
  return `${waiting}Files that a run has changed are as they were under /var/backups/play.`
}

const REPLAY_TITLE = 'the check of what the server could not start with'

/**
 * What ends the replay of a start, which the trial does not come to (StartupReplicationSlots, StartupReplicationOrigin and
 * RecoverPreparedTransactions of the server): too little for what is there.
 */
const REPLAY = `do $$
declare found text;
begin
  with said as (
    select distinct on (lower(name)) lower(name) as name, setting from pg_file_settings
    where name is not null order by lower(name), seqno desc),
  wanted as (
    select s.name, coalesce(said.setting, s.boot_val) as value from pg_settings s left join said on said.name = s.name
    where s.source is distinct from 'command line'),
  counted(name, used, what) as (
    select 'max_replication_slots', count(*), 'replication slots exist' from pg_replication_slots union all
    select 'max_replication_slots', count(*), 'subscriptions and origins keep their place' from pg_replication_origin_status
      where current_setting('server_version_num')::int < 180000 union all
    select 'max_active_replication_origins', count(*), 'subscriptions and origins keep their place'
      from pg_replication_origin_status union all
    select 'max_prepared_transactions', count(*), 'transactions are prepared' from pg_prepared_xacts),
  bad as (
    select format('%s = %s, and %s %s', name, value, used, what) as line from wanted join counted using (name)
      where value ~ '^[0-9]+$' and value::numeric < used union all
    select format('wal_level = %s, and slots need more: %s', value, string_agg(slot_name, ', '))
      from wanted, pg_replication_slots
      where name = 'wal_level'
        and (lower(value) = 'minimal' or slot_type = 'logical' and lower(value) in ('replica', 'archive', 'hot_standby'))
      group by value)
  select string_agg(line, e'\\n') into found from bad;
  if found is not null then
    raise exception 'the server would not start again' using detail = found,
      hint = 'Raise these settings, or remove first what needs them. The server was not touched.';
  end if;
end $$`
