import { z } from 'zod'
import { defineModule, type HostReader, type Plan, Refusal, type Step } from '../contract.ts'
import { type Cluster, clusterParams, globalFact, globalKey, requireCluster, targetOf } from './cluster.ts'
import { debianFilesOf } from './conf/debian-files.ts'
import { readConf } from './conf/read.ts'
import { mergeAbsent, mergeExclusive, mergePresent, type Position } from './hba/merge.ts'
import { type HbaLine, parseHba } from './hba/parse.ts'
import { matchKey } from './hba/rule.ts'
import { ruleParams, wantedRules } from './hba/wish.ts'

const params = z.strictObject({
  ...clusterParams,
  rules: z.array(ruleParams).meta({
    description:
      'Rules in the order in which the server shall try them: the first that fits a connection decides.',
    example: [
      { type: 'host', database: 'app', user: 'replicator', address: '10.15.0.0/24', method: 'scram-sha-256' },
    ],
  }),
  state: z
    .enum(['present', 'absent'])
    .default('present')
    .meta({ description: 'Whether these rules shall be in the file.' }),
  exclusive: z
    .boolean()
    .default(false)
    .meta({ description: 'The file has these rules in this order and no other. Comments stay.' }),
  position: z
    .union([
      z.enum(['first', 'last']),
      z.strictObject({ before: ruleParams }),
      z.strictObject({ after: ruleParams }),
    ])
    .optional()
    .meta({
      description:
        'Where the first new rule goes. Left out: behind the rule that is listed before it, else before the first rule that would catch its connections, else at the end.',
      example: 'first',
    }),
})
type Params = z.output<typeof params>

/** What the server says about the file as it is on disk. Null where no server can be asked. */
interface HbaFact {
  /** Lines that it refuses. */
  errors: { line: number; error: string }[] | null
  /** Written after the server last read it. */
  stale: boolean
  loaded_at: string
}

interface State {
  cluster: Cluster
  path: string
  text: string
  /** The file in which `errors` counts its lines is the very `text`. */
  fact: HbaFact | null
  asOnDisk: boolean
}

// A line that can never match (hostssl with ssl off) has an error text too, but is loaded: its type is not null.
const REFUSED = 'error is not null and type is null'
const HBA = `select (select json_agg(json_build_object('line', line_number, 'error', error) order by line_number)
    from pg_hba_file_rules where ${REFUSED}) as errors,
  coalesce((pg_stat_file(current_setting('hba_file'), true)).modification > pg_conf_load_time(), false) as stale,
  pg_conf_load_time()::text as loaded_at`
const VERIFY = `select 'line ' || line_number || ': ' || error from pg_hba_file_rules where ${REFUSED}`

/** Who may connect and how (21.1): rules in pg_hba.conf, accepted by the server before they count. */
export const pgHbaModule = defineModule<Params, State>({
  name: 'pg_hba',
  summary: 'Rules of pg_hba.conf, in order, accepted by the server before they count as done',
  params,
  inspect,
  plan,
  result: ({ state, plan: { changes } }) => ({
    path: state.path,
    reload: changes.length > 0 && state.cluster.running,
  }),
})

async function inspect(host: HostReader, given: Params): Promise<State> {
  const cluster = await requireCluster(host, given)
  const conf = await readConf(host, cluster)
  const path = conf.effective.get('hba_file')?.value ?? `${cluster.configDir}/pg_hba.conf`
  const planned = cluster.fresh || cluster.copyOf ? (await debianFilesOf(host, cluster)).pgHba : undefined
  const text = (await host.readFile(path))?.toString() ?? planned
  if (text === undefined)
    throw new Refusal(`${path} is missing on ${host.name}`, 'Restore it, or create the cluster anew.')
  return { cluster, path, text, fact: await readFact(host, cluster), asOnDisk: !host.planned() }
}

async function readFact(host: HostReader, cluster: Cluster): Promise<HbaFact | null> {
  if (!cluster.running || cluster.notReady || cluster.peek || cluster.copyOf) return null
  return globalFact<HbaFact>(host, cluster, 'hba', 'file', HBA, [])
}

function plan(state: State, given: Params): Plan {
  const { cluster, path, text } = state
  const version = Number.parseInt(cluster.version, 10)
  const wanted = wantedRules(given.rules, version, given.state === 'present')
  const lines = withServerErrors(parseHba(text, version), state)
  refuseIncludes(lines, path)
  if (!given.exclusive) refuseBroken(lines, path)
  else if (given.state === 'absent')
    throw new Refusal('exclusive and state: absent cannot go together', 'Leave one of them out.')
  const merged = given.exclusive
    ? mergeExclusive(lines, wanted)
    : given.state === 'absent'
      ? mergeAbsent(lines, wanted)
      : mergePresent(lines, wanted, placeOf(given, version, lines, path))
  const running = cluster.running && !cluster.notReady
  if (merged.text === withLastLineEnd(text))
    return running && state.fact?.stale
      ? reloadAlone(state, merged.notes)
      : { changes: [], steps: [], notes: merged.notes }
  return {
    changes: [{ path, before: text, after: merged.text, text: true }],
    steps: stepsFor(state, merged.text),
    predicts: predictsOf(state),
    notes: running
      ? merged.notes
      : [...merged.notes, 'the server does not run: it will read the file when it starts'],
  }
}

const withLastLineEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/** The file was written, and the server never told: the run before was interrupted, or somebody forgot. */
function reloadAlone(state: State, notes: string[]): Plan {
  return {
    changes: [
      {
        path: `rules of ${state.path} in force`,
        before: 'read before the file was last written',
        after: 'as in the file',
      },
    ],
    steps: reload(state),
    predicts: predictsOf(state),
    notes,
  }
}

function stepsFor(state: State, content: string): Step[] {
  const write: Step = {
    do: 'write_file',
    path: state.path,
    content,
    owner: 'postgres',
    group: 'postgres',
    mode: '0640',
  }
  if (!state.cluster.running || state.cluster.notReady) return [write]
  const verify = { on: targetOf(state.cluster), text: VERIFY }
  return [{ do: 'guard', title: 'the new rules', steps: [write], verify }, ...reload(state)]
}

/** pg_reload_conf() only sends a signal: the rules are in force once the server has read its files anew. */
function reload({ cluster, fact }: State): Step[] {
  const on = targetOf(cluster)
  const ready = {
    on,
    text: 'select 1 where pg_conf_load_time() > $1::timestamptz',
    values: [fact?.loaded_at ?? '-infinity'],
  }
  return [
    { do: 'sql', on, text: 'select pg_reload_conf()', title: 'the reload' },
    {
      do: 'wait',
      ready,
      timeout: 10,
      message: 'the server was told to reload pg_hba.conf, but has not done so',
    },
  ]
}

const predictsOf = ({ cluster, fact }: State): Record<string, unknown> =>
  fact
    ? { [globalKey(cluster, 'hba', 'file')]: { ...fact, errors: null, stale: false } satisfies HbaFact }
    : {}

function withServerErrors(lines: HbaLine[], { fact, asOnDisk }: State): HbaLine[] {
  if (!asOnDisk || !fact?.errors) return lines
  const errors = new Map(fact.errors.map(({ line, error }) => [line, error]))
  return lines.map((line) =>
    errors.has(line.line) ? { ...line, error: line.error ?? errors.get(line.line)! } : line,
  )
}

function refuseIncludes(lines: HbaLine[], path: string): void {
  const found = lines.filter(({ include }) => include)
  if (found.length === 0) return
  throw new Refusal(
    `${path} includes other files, which pg_hba does not follow`,
    'Put the rules into pg_hba.conf itself, or keep the file as a whole with `copy` or `template`.',
    found.map(({ line, raw }) => `line ${line}: ${raw.trim()}`),
  )
}

function refuseBroken(lines: HbaLine[], path: string): void {
  const found = lines.filter(({ error }) => error !== undefined)
  if (found.length === 0) return
  throw new Refusal(
    `${path} holds lines that the server refuses, so that none of its rules can be loaded`,
    'Correct them, or name all rules of the file with `exclusive: true`.',
    found.map(({ line, error }) => `line ${line}: ${error}`),
  )
}

/** @throws {Refusal} where the rule to stand beside is not there */
function placeOf(
  { position }: Params,
  version: number,
  lines: HbaLine[],
  path: string,
): Position | undefined {
  if (position === undefined || typeof position === 'string') return position
  const [anchor] = wantedRules(['before' in position ? position.before : position.after], version, false)
  if (!lines.some(({ rule }) => rule && matchKey(rule) === matchKey(anchor!)))
    throw new Refusal(`the rule that \`position\` names is not in ${path}`)
  return 'before' in position ? { before: anchor! } : { after: anchor! }
}
