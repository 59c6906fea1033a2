import { Refusal } from '../../../contract/errors.ts'
import { quoteIdent, quoteQualified } from '../../../contract/quote.ts'
import { same } from '../../../postgres/catalog/same.ts'
import type { Subscription } from '../../../postgres/catalog/subscription.ts'
import {
  isReachable,
  type Publisher,
  type PublisherSlot,
  tableNames,
  type Unreachable,
} from '../../../postgres/subscription/publisher.ts'
import type { SubscriptionParams } from './params.ts'

export interface Verdict {
  /** What to do about the slot on the publisher; `replace` drops the lost one first. */
  slot: 'keep' | 'make' | 'replace'
  /** The publications hold other tables than the subscription. */
  refresh: boolean
  notes: string[]
}

interface Question {
  has: Subscription | null
  wanted: Subscription
  params: SubscriptionParams
  /** null: it was not asked. */
  publisher: Publisher | Unreachable | null
  /** Its slot is named after this host and this subscription. */
  isOurs: boolean
  /** Changes are planned on some host: what the publisher lacks may be among them. */
  planned: boolean
}

/** @throws {Refusal} where the publisher, as it is, cannot serve the subscription */
export function judgePublisher(question: Question): Verdict {
  const { has, publisher, planned } = question
  const verdict: Verdict = { slot: has ? 'keep' : 'make', refresh: false, notes: [] }
  if (publisher === null) {
    if (!has) verdict.notes.push('the publisher will be asked by the run')
    return verdict
  }
  if (!isReachable(publisher)) {
    refuseUnreachable(question, publisher, verdict)
    return verdict
  }
  const lacking = [...missingPublications(question, publisher), ...unreadableTables(question, publisher)]
  if (lacking.length > 0 && !planned) throw combined(lacking)
  verdict.notes.push(...lacking.map((problem) => `to be there when this runs: ${problem.message}`))
  verdict.slot = judgeSlot(question, publisher, verdict)
  verdict.refresh =
    has !== null && question.wanted.enabled && !same(tableNames(publisher), Object.keys(has.tables).sort())
  return verdict
}

const place = ({ wanted }: Question): string => `the publisher (${wanted.conninfo})`

function refuseUnreachable(question: Question, { unreachable }: Unreachable, verdict: Verdict): void {
  const { has, wanted, planned } = question
  const needed = !has || has.conninfo !== wanted.conninfo || !same(has.publications, wanted.publications)
  const message = `cannot reach ${place(question)}: ${unreachable}`
  if (needed && !planned)
    throw new Refusal(
      message,
      /\bSSL\b|certificate/.test(unreachable)
        ? 'Both hosts need certificates of one authority, for the names they are reached by (tls_certificate), and the publisher’s server must have read its own: was the playbook run on both?'
        : 'Its server must run and listen, its pg_hba.conf must let this host in, and the passfile must hold the password.',
    )
  verdict.notes.push(message)
}

interface Problem {
  message: string
  hint: string
}

function missingPublications({ params }: Question, publisher: Publisher): Problem[] {
  const gone = params.publications!.filter((name) => !publisher.publications.includes(name))
  if (gone.length === 0) return []
  return [
    {
      message: `there is no publication ${gone.map(quoteIdent).join(', ')} in database "${publisher.db}" of the publisher`,
      hint: 'Create it there first with pg_publication.',
    },
  ]
}

/** The initial copy needs SELECT; without it the table stays in state d for ever, while errors are counted. */
function unreadableTables({ has, params }: Question, publisher: Publisher): Problem[] {
  if (!params.copy_data) return []
  const closed = publisher.tables
    .filter(({ schema, table, readable }) => !readable && has?.tables[`${schema}.${table}`] !== 'r')
    .map((table) => quoteQualified(table.schema, table.table))
  if (closed.length === 0) return []
  return [
    {
      message: `role "${publisher.user}" may not read ${closed.join(', ')} on the publisher, so the initial copy would never end`,
      hint: `On the publisher: GRANT SELECT ON ${closed.join(', ')} TO ${quoteIdent(publisher.user)} (and USAGE on the schema), as \`grants\` of pg_table does.`,
    },
  ]
}

function combined(problems: readonly Problem[]): Refusal {
  return new Refusal(
    problems.map(({ message }) => message).join('; '),
    problems.map(({ hint }) => hint).join(' '),
  )
}

/**
 * What a slot has sent, whoever reads it next does not get: a new subscription takes one over that nobody has used, or
 * that is named after it, as that of a subscription that was lost with its database is.
 */
function refuseAnothers(
  { active, active_pid, subscriber, sent }: PublisherSlot,
  name: string,
  isOurs: boolean,
): void {
  if (active)
    throw new Refusal(
      `slot ${name} on the publisher is in use by process ${active_pid}: another subscription streams from it${subscriber ? `, ${subscriber}` : ''}`,
      'Choose another `slot_name`: each subscriber needs its own.',
    )
  if (sent && !isOurs)
    throw new Refusal(
      `slot ${name} on the publisher has sent ${sent} transactions to another subscription, which does not stream just now`,
      `Choose another \`slot_name\`: each subscriber needs its own. If that subscription is gone for good, drop its slot there first: \`pg_slot: { name: ${name}, state: absent }\`.`,
    )
}

function judgeSlot(
  { has, wanted, params, planned, isOurs }: Question,
  publisher: Publisher,
  verdict: Verdict,
): Verdict['slot'] {
  const { slot } = publisher
  const name = wanted.slot_name
  if (!slot) {
    if (!has) {
      if (publisher.recovery && publisher.version < 160000 && !planned)
        throw new Refusal('the publisher is a standby, where logical slots exist only from PostgreSQL 16 on')
      return 'make'
    }
    if (name === null || !wanted.enabled) return 'keep'
    return lost(`slot ${name} is gone on the publisher`, 'make')
  }
  if (slot.type !== 'logical' || slot.plugin !== 'pgoutput' || slot.db !== publisher.db)
    throw new Refusal(
      `slot ${name} on the publisher is another kind: ${slot.type}${slot.plugin ? `, ${slot.plugin}, database ${slot.db}` : ''}`,
      'Choose another `slot_name`, or drop that slot if nothing needs it.',
    )
  if (slot.wal_status === 'lost')
    return has ? lost(`slot ${name} is lost: the publisher removed WAL that it needed`, 'replace') : 'replace'
  if (has) return 'keep'
  refuseAnothers(slot, name!, isOurs)
  verdict.notes.push(`slot ${name} was there already and is used`)
  return 'keep'

  function lost(what: string, then: 'make' | 'replace'): Verdict['slot'] {
    if (params.on_lost_slot === 'recreate') return then
    if (planned && then === 'make') {
      verdict.notes.push(`to be there when this runs: ${what}`)
      return 'keep'
    }
    throw new Refusal(
      `${what}; changes made since are not in subscription "${params.name}", and may never be`,
      'Two ways out: drop the subscription (`state: absent`), empty its tables, and make it again, which copies all rows; or `on_lost_slot: recreate`, which goes on from now and leaves out what was changed in between.',
    )
  }
}
