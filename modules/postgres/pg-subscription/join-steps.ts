import type { ExecStep, SqlStep } from '../../../contract/plan.ts'
import { quoteLiteral } from '../../../contract/quote.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { buildConninfo, type Conninfo } from '../../../postgres/conninfo.ts'
import { localConninfo, psqlOf, SERVER_USER } from '../../../postgres/subscription/publisher.ts'
import type { Joining } from './joining.ts'
import { type Sent, tablesHere, tablesThere } from './rows.ts'
import { ROWS_SCRIPT } from './rows-script.ts'

/** Where rows go that are replaced. Nothing in it is ever dropped by play. */
export const KEPT = 'replaced_by_play'

/**
 * Their rows go to tables of their own, in one transaction with the emptying, which is one statement: foreign keys may
 * join them. The server's clock tells copies apart.
 */
export function keepAside(cluster: Cluster, db: string, { replace, with: others = [] }: Joining): SqlStep[] {
  if (replace.length === 0) return []
  const all = [...replace, ...others].map(sqlName).join(', ')
  const keep = (table: Qualified): string => `  execute format('create table ${KEPT}.%I as table %s',
    left(${quoteLiteral(table.name)}, 40) || to_char(clock_timestamp() at time zone 'utc', '"_"YYYYMMDD"_"HH24MISSUS'),
    ${quoteLiteral(sqlName(table))});`
  return [
    {
      do: 'sql',
      title: `rows of ${replace.map(plainName).join(', ')}`,
      on: targetOf(cluster, db),
      text: `do $play$
begin
  create schema if not exists ${KEPT};
  lock table ${all} in access exclusive mode;
${replace.map(keep).join('\n')}
  truncate ${all};
end $play$`,
    },
  ]
}

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
  tables: readonly Sent[],
  statement: string,
): ExecStep {
  const there = buildConninfo({ connect_timeout: '10', ...conninfo })
  const lock = `lock table ${tables.map(sqlName).join(', ')} in share mode`
  const words = [
    psqlOf(cluster),
    localConninfo(cluster, db),
    there,
    tablesHere(tables),
    tablesThere(tables),
    lock,
    statement,
    ROWS_SCRIPT,
  ]
  return {
    do: 'exec',
    title: 'comparing the rows of both sides, and joining',
    as: SERVER_USER,
    argv: ['sh', '-c', COMPARE_AND_JOIN, 'sh', ...words],
  }
}

const COMPARE_AND_JOIN = `export PSQL="$1" HERE="$2" THERE="$3" MINE="$4" THEIRS="$5" LOCK="$6" JOIN="$7" ROWS="$8"
said=$("$PSQL" -XAtqw -v ON_ERROR_STOP=1 -d "$HERE" 2>&1 <<'SQL'
\\set lock \`printf %s "$LOCK"\`
begin;
set local lock_timeout = '60s';
:lock;
\\! here=$(sh -c "$ROWS" sh "$PSQL" "$HERE" "$MINE" compare 2>&1) && there=$(sh -c "$ROWS" sh "$PSQL" "$THERE" "$THEIRS" compare 2>&1) && if [ "$here" = "$there" ]; then "$PSQL" -XAtqw -v ON_ERROR_STOP=1 -d "$HERE" -c "$JOIN" && echo joined; else printf 'rows differ\\nhere:\\n%s\\non the publisher:\\n%s\\n' "$here" "$there"; fi || printf '%s\\n%s\\n' "$here" "$there"
commit;
SQL
)
case $said in *joined) exit 0 ;; esac
printf '%s\\n' "$said" >&2
exit 1`
