import type { ExecStep } from '../../../contract/plan.ts'
import { quoteLiteral } from '../../../contract/quote.ts'
import { type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { buildConninfo, type Conninfo } from '../../../postgres/conninfo.ts'
import { localConninfo, psqlOf, SERVER_USER } from '../../../postgres/subscription/publisher.ts'
import { ROWS_SCRIPT } from './rows-script.ts'

/** Where rows go that are replaced. Nothing in it is ever dropped by play. */
export const KEPT = 'replaced_by_play'

/** Its rows go to a table of their own, in one transaction with the emptying. The server's clock tells copies apart. */
export const keepAside = (cluster: Cluster, db: string, table: Qualified) => ({
  do: 'sql' as const,
  title: `rows of ${table.schema}.${table.name}`,
  on: targetOf(cluster, db),
  text: `do $play$
declare
  kept constant text := left(${quoteLiteral(table.name)}, 40) || to_char(clock_timestamp() at time zone 'utc', '"_"YYYYMMDD"_"HH24MISSMS');
begin
  create schema if not exists ${KEPT};
  lock table ${sqlName(table)} in access exclusive mode;
  execute format('create table ${KEPT}.%I as table %s', kept, ${quoteLiteral(sqlName(table))});
  truncate ${sqlName(table)};
end $play$`,
})

/**
 * Runs a statement by which tables join the subscription, if both sides hold the same rows of them at that moment.
 * Whatever is written to them here waits meanwhile, the subscription's worker too: it comes to a change of such a table
 * only when that has joined, so that nothing is skipped between the look and the statement. The statement cannot be in
 * the transaction that holds the lock (25001), so another session runs it.
 */
export function compareAndJoin(
  cluster: Cluster,
  db: string,
  conninfo: Conninfo,
  tables: readonly Qualified[],
  statement: string,
): ExecStep {
  const there = buildConninfo({ connect_timeout: '10', ...conninfo })
  const names = JSON.stringify(tables.map(({ schema, name }) => ({ schema, name })))
  const lock = `lock table ${tables.map(sqlName).join(', ')} in share mode`
  const words = [psqlOf(cluster), localConninfo(cluster, db), there, names, lock, statement, ROWS_SCRIPT]
  return {
    do: 'exec',
    title: 'comparing the rows of both sides, and joining',
    as: SERVER_USER,
    argv: ['sh', '-c', COMPARE_AND_JOIN, 'sh', ...words],
  }
}

const COMPARE_AND_JOIN = `export PSQL="$1" HERE="$2" THERE="$3" TABLES="$4" LOCK="$5" JOIN="$6" ROWS="$7"
said=$("$PSQL" -XAtqw -v ON_ERROR_STOP=1 -d "$HERE" 2>&1 <<'SQL'
\\set lock \`printf %s "$LOCK"\`
begin;
set local lock_timeout = '60s';
:lock;
\\! here=$(sh -c "$ROWS" sh "$PSQL" "$HERE" "$TABLES" compare 2>&1) && there=$(sh -c "$ROWS" sh "$PSQL" "$THERE" "$TABLES" compare 2>&1) && if [ "$here" = "$there" ]; then "$PSQL" -XAtqw -v ON_ERROR_STOP=1 -d "$HERE" -c "$JOIN" && echo joined; else printf 'rows differ\\nhere:\\n%s\\non the publisher:\\n%s\\n' "$here" "$there"; fi || printf '%s\\n%s\\n' "$here" "$there"
commit;
SQL
)
case $said in *joined) exit 0 ;; esac
printf '%s\\n' "$said" >&2
exit 1`
