import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, flag, list, named } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { requireCluster } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { isUnused } from '../../../postgres/cluster/unused.ts'
import { type HbaLine, parseHba } from '../../../postgres/hba/parse.ts'
import { readHba } from '../../../postgres/hba/read.ts'
import { matchKey } from '../../../postgres/hba/rule.ts'
import { lockedOut } from './locked-out.ts'
import { mergeAbsent, mergeExclusive, mergePresent, type Position } from './merge.ts'
import { ruleParams, wantedRules } from './params.ts'
import { refuseBroken, refuseIncludes, refuseLockout } from './refuse.ts'
import { type HbaState, isUnread, predictHba, readHbaFact, reloadSteps, writeSteps } from './server.ts'

const params = z.strictObject({
  ...clusterParams,
  rules: list(ruleParams).meta({
    description:
      'Rules in the order in which the server shall try them: the first that fits a connection decides.',
    example: [
      { type: 'host', database: 'app', user: 'replicator', address: '10.15.0.0/24', method: 'scram-sha-256' },
    ],
  }),
  state: choice('present', 'absent')
    .default('present')
    .meta({ description: 'Whether these rules shall be in the file.' }),
  exclusive: flag()
    .default(false)
    .meta({ description: 'The file has these rules in this order and no other. Comments stay.' }),
  position: named(
    z.union([
      choice('first', 'last'),
      z.strictObject({ before: ruleParams }),
      z.strictObject({ after: ruleParams }),
    ]),
    '`first`, `last`, or `before` or `after` and a rule',
  )
    .optional()
    .meta({
      unset:
        'behind the rule that is listed before it, or before the first rule that would catch its connections, else at the end',
      description: 'Where the first new rule goes.',
      example: 'first',
    }),
})
type Params = z.output<typeof params>

interface State extends HbaState {
  text: string
  /** Nobody relies on it yet. */
  unused: boolean
  /** The server has not read the file since it was written. */
  unread: boolean
  /** What the server says is about the very `text`, and not about what check mode would replace. */
  asOnDisk: boolean
}

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
  const [{ path, text }, fact] = await Promise.all([readHba(host, cluster), readHbaFact(host, cluster)])
  const unread = isUnread(host, { cluster, path, fact })
  const unused = await isUnused(host, cluster)
  return { cluster, path, text, fact, unread, unused, asOnDisk: !host.planned() }
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
    return running && state.unread
      ? { ...reloadAlone(state, merged.notes), warnings: merged.warnings }
      : { changes: [], steps: [], notes: merged.notes, warnings: merged.warnings }
  const after = parseHba(merged.text, version)
  refuseLockout(after, lines, path)
  const out = state.unused ? [] : lockedOut(lines, after)
  const reason = `lets in no longer: ${out.join(' · ')}`
  return {
    changes: [
      {
        path,
        before: text,
        after: merged.text,
        text: true,
        ...(out.length > 0 ? { destructive: true, reason } : {}),
      },
    ],
    steps: writeSteps(state, merged.text),
    predicts: predictHba(state),
    notes: running
      ? merged.notes
      : [...merged.notes, 'the server does not run: it will read the file when it starts'],
    warnings: merged.warnings,
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
    steps: reloadSteps(state),
    predicts: predictHba(state),
    notes,
  }
}

function withServerErrors(lines: HbaLine[], { fact, asOnDisk }: State): HbaLine[] {
  if (!asOnDisk || !fact?.errors) return lines
  const errors = new Map(fact.errors.map(({ line, error }) => [line, error]))
  return lines.map((line) =>
    errors.has(line.line) ? { ...line, error: line.error ?? errors.get(line.line)! } : line,
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
