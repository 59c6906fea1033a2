import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Change, Plan } from '../../../contract/plan.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { touchedClusterKey, touchedKey } from '../../../postgres/catalog/missing.ts'
import { type Cluster, databaseKey } from '../../../postgres/cluster/cluster.ts'
import { inspect, isToCopy, type State } from './inspect.ts'
import { copiedKey, type Params, params } from './params.ts'
import { COPY_SCHEMA_SCRIPT } from './script.ts'

/**
 * All that clusters and databases hold but rows, from one cluster of a host to another, by the newer's pg_dump. Once it is
 * there, both must agree: what was changed in one of them since is told, and refused.
 */
export const pgCopySchemaModule = defineModule<Params, State>({
  name: 'pg_copy_schema',
  summary:
    'Copies roles, and databases with all that stands on them and is in them but rows, into another cluster; refuses where both then differ',
  params,
  inspect,
  plan(state, given): Plan {
    if (state.differences === null || state.differences.length === 0) return { changes: [], steps: [] }
    if (!isToCopy(state, given.db)) throw refusal(state, given)
    return copy(state, given)
  },
})

const nameOf = (one: Cluster): string => `${one.version}/${one.name}`

function refusal({ source, target, differences }: State, { db }: Params): Refusal {
  const lines = differences ?? []
  return new Refusal(
    `cluster ${nameOf(target)} differs from ${nameOf(source)} (database "${db}" and what stands around it): ${lines.slice(0, 3).join('; ')}${lines.length > 3 ? `, and ${lines.length - 3} more` : ''}`,
    'What was changed in one of them since the copy: change it in the other one too. Or drop the copy, and begin anew.',
    lines,
  )
}

/** An extension's script fills tables of its own; their rows come with all others, and would be there twice. */
const EMPTY_TABLES = `do $$ declare tables text; begin
  select string_agg(o.oid::pg_catalog.regclass::text, ', ') into tables from pg_catalog.pg_class o
    where o.relkind in ('r', 'p') and exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      and e.objid = o.oid and e.deptype = 'e');
  if tables is not null then execute 'truncate ' || tables; end if; end $$;`

function copy({ source, target, carried, tables, otherwise }: State, given: Params): Plan {
  const { db } = given
  const bin = `/usr/lib/postgresql/${target.version}/bin`
  const argv = ['bash', '-c', COPY_SCHEMA_SCRIPT, 'play', bin]
  for (const one of [source, target]) argv.push(one.socketDir, String(one.port))
  for (const { name, empty } of carried) {
    const without = given.without_publications.map((one) => `drop publication if exists ${quoteIdent(one)};`)
    argv.push(name, empty ? 'schema' : '-', (name === db ? [...without, EMPTY_TABLES] : without).join(' '))
  }
  const made = carried.find(({ name, present }) => name === db && !present)
  const changes: Change[] = [
    {
      path: `schema of database ${db} in cluster ${nameOf(target)}`,
      before: null,
      after: `as in ${nameOf(source)}: ${tables} tables`,
    },
  ]
  return {
    changes,
    notes: otherwise,
    steps: [
      {
        do: 'exec',
        title: `the copy of the schema of database ${db}`,
        argv,
        as: 'postgres',
        // Of both servers, as everybody else who comes to them.
        env: { LC_ALL: 'C.UTF-8', PGCONNECT_TIMEOUT: '60' },
        cwd: '/',
      },
    ],
    predicts: [
      ...(made ? [predict(databaseKey(target, db), { ...made.database, fresh: true })] : []),
      predict(copiedKey(target, db), true),
      predict(touchedKey(target, db), true),
      predict(touchedClusterKey(target), true),
    ],
  }
}
