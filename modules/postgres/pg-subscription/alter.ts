import { Refusal } from '../../../contract/errors.ts'
import type { Change, Step } from '../../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { same } from '../../../postgres/catalog/same.ts'
import {
  OPTION_NAMES,
  type Subscription,
  type SubscriptionOptions,
} from '../../../postgres/catalog/subscription.ts'
import { type Conninfo, parseConninfo, showConninfo } from '../../../postgres/conninfo.ts'
import { optionText } from './create.ts'
import type { Verdict } from './judge.ts'
import type { SubscriptionParams } from './params.ts'

interface Tools {
  sql(text: string): Step
  /** The statement by which tables join. */
  join(text: string): Step
  makeSlot(): Step
  dropSlot(): Step
  /** Waits until its worker has ended. */
  workerGone(): Step
}

/** What changes only while it is disabled, the major version from which on it changes at all, and why not before. */
const WHILE_DISABLED: Partial<Record<keyof SubscriptionOptions, readonly [since: number, why: string]>> = {
  two_phase: [18, 'prepared transactions of before and after would be mixed up'],
  failover: [17, 'there is no such option'],
}

/** What was decided about it, besides what it shall be. */
export interface How {
  name: string
  /** `copy_data` of the statement by which tables join. */
  copy: boolean
  /** Whether another connection is another server. */
  place: Pick<Change, 'destructive' | 'reason'>
  /** Rows that make room for a copy: the changes, and the steps. */
  replaced: readonly Change[]
  before: readonly Step[]
}

/** Changes in place, in an order in which each statement is allowed: what needs the worker comes after ENABLE. */
export function alterSubscription(
  has: Subscription,
  wanted: Subscription,
  { name: called, copy, place, replaced, before }: How,
  verdict: Verdict,
  tools: Tools,
): { changes: Change[]; steps: Step[] } {
  const changes: Change[] = []
  const steps: Step[] = []
  const path = `subscription ${called}`
  const statement = (clause: string): string => `ALTER SUBSCRIPTION ${quoteIdent(called)} ${clause}`
  const alter = (clause: string): Step => tools.sql(statement(clause))
  if (has.conninfo !== wanted.conninfo) {
    const [from, to] = [shown(has.conninfo), shown(wanted.conninfo)]
    changes.push({ path: `${path} connection`, before: from, after: to, ...place })
    steps.push(alter(`CONNECTION ${quoteLiteral(wanted.conninfo)}`))
  }
  let enabled = has.enabled
  if (has.slot_name !== wanted.slot_name) {
    changes.push({ path: `${path} slot`, before: has.slot_name, after: wanted.slot_name })
    steps.push(alter(`SET (${optionText('slot_name', wanted.slot_name)})`))
  }
  const options = OPTION_NAMES.filter((name) => !same(has[name], wanted[name]))
  for (const name of options)
    changes.push({ path: `${path} ${name}`, before: has[name], after: wanted[name] })
  const set = (names: readonly (keyof SubscriptionOptions)[]) => {
    if (names.length > 0)
      steps.push(alter(`SET (${names.map((name) => optionText(name, wanted[name])).join(', ')})`))
  }
  set(options.filter((name) => !(name in WHILE_DISABLED)))
  const held = options.filter((name) => name in WHILE_DISABLED)
  if (held.length > 0 && enabled) {
    steps.push(alter('DISABLE'), tools.workerGone())
    enabled = false
  }
  // Each by itself: they reach the publisher, and change its slot.
  for (const name of held) set([name])
  if (has.owner !== wanted.owner) {
    changes.push({ path: `${path} owner`, before: has.owner, after: wanted.owner })
    steps.push(alter(`OWNER TO ${quoteIdent(wanted.owner)}`))
  }
  if (verdict.slot !== 'keep') {
    changes.push({
      path: `${path} slot ${wanted.slot_name}`,
      before: verdict.slot === 'make' ? null : 'lost',
      after: 'made anew',
      destructive: true,
      reason: 'changes made since the slot was lost are left out',
    })
    if (enabled) steps.push(alter('DISABLE'))
    enabled = false
    if (verdict.slot === 'replace') steps.push(tools.dropSlot())
    steps.push(tools.makeSlot())
  }
  if (enabled !== wanted.enabled) steps.push(alter(wanted.enabled ? 'ENABLE' : 'DISABLE'))
  if (has.enabled !== wanted.enabled)
    changes.push({ path: `${path} enabled`, before: has.enabled, after: wanted.enabled })
  const withOptions = `WITH (copy_data = ${copy})`
  const gone = has.publications.filter((name) => !wanted.publications.includes(name))
  const refreshed = wanted.enabled && (verdict.refresh || !same(has.publications, wanted.publications))
  if (refreshed) changes.push(...replaced)
  if (!same(has.publications, wanted.publications)) {
    changes.push({
      path: `${path} publications`,
      before: has.publications,
      after: wanted.publications,
      ...leaving(gone),
    })
    if (refreshed) steps.push(...before)
    const list = wanted.publications.map(quoteIdent).join(', ')
    steps.push(
      refreshed
        ? tools.join(statement(`SET PUBLICATION ${list} ${withOptions}`))
        : alter(`SET PUBLICATION ${list} WITH (refresh = false)`),
    )
  } else if (verdict.refresh) {
    const left = Object.keys(has.tables).filter((table) => !(table in wanted.tables))
    changes.push({
      path: `${path} tables`,
      before: Object.keys(has.tables).sort(),
      after: Object.keys(wanted.tables).sort(),
      ...leaving(left.sort()),
    })
    steps.push(...before, tools.join(statement(`REFRESH PUBLICATION ${withOptions}`)))
  }
  return { changes, steps }
}

const leaving = (what: readonly string[]): Pick<Change, 'destructive' | 'reason'> =>
  what.length === 0
    ? {}
    : { destructive: true, reason: `what is written to ${what.join(', ')} from now on does not arrive` }

const shown = (conninfo: string): string => {
  const parsed: Conninfo | null = parseConninfo(conninfo)
  return parsed ? showConninfo(parsed) : '(not readable)'
}

/** @throws {Refusal} where it differs in what can only be said when it is made */
export function refuseFixed(
  has: Subscription,
  wanted: Subscription,
  { name, slot_renamed }: Pick<SubscriptionParams, 'name' | 'slot_renamed'>,
  major: number,
): void {
  for (const [option, [since, why]] of Object.entries(WHILE_DISABLED) as [
    keyof SubscriptionOptions,
    readonly [number, string],
  ][])
    if (has[option] !== wanted[option] && major < since)
      throw new Refusal(
        `${option} of subscription "${name}" is ${has[option]}, and does not change while it lives before PostgreSQL ${since}: ${why}`,
        `Give the task \`${option}: ${has[option]}\`, or drop the subscription (\`state: absent\`) and make it again.`,
      )
  if (has.slot_name === null && wanted.enabled)
    throw new Refusal(
      `subscription "${name}" has no slot: it was parted from it (slot_name = NONE), as when its publisher was lost`,
      'Drop it (`state: absent`), empty its tables if their rows shall be copied again, and make it anew.',
    )
  if (has.slot_name !== wanted.slot_name && !slot_renamed)
    throw new Refusal(
      `subscription "${name}" uses slot ${has.slot_name}, not ${wanted.slot_name}; with another slot, changes would be left out or come twice`,
      `Say \`slot_name: ${has.slot_name}\` or leave it out, or drop the subscription and make it again.`,
    )
}
