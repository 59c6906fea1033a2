import type { Change, Step } from '../../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { OPTION_NAMES, type Subscription } from '../../../postgres/catalog/subscription.ts'
import type { SubscriptionParams } from './params.ts'

/** CREATE SUBSCRIPTION over a slot that is there already. */
export function createStatement(wanted: Subscription, params: SubscriptionParams, copy: boolean): string {
  const options = [
    'create_slot = false',
    `slot_name = ${quoteLiteral(wanted.slot_name!)}`,
    `enabled = ${wanted.enabled}`,
    `copy_data = ${copy}`,
    ...OPTION_NAMES.filter((name) => params[name] !== undefined).map((name) =>
      optionText(name, wanted[name]),
    ),
  ]
  return [
    `CREATE SUBSCRIPTION ${quoteIdent(params.name)}`,
    `CONNECTION ${quoteLiteral(wanted.conninfo)}`,
    `PUBLICATION ${wanted.publications.map(quoteIdent).join(', ')}`,
    `WITH (${options.join(', ')})`,
  ].join(' ')
}

export const optionText = (name: string, value: unknown): string => `${name} = ${quoteLiteral(String(value))}`

/** For people. */
export const creationChange = (wanted: Subscription, params: SubscriptionParams, copy: boolean): Change => ({
  path: `subscription ${params.name}`,
  before: null,
  after: {
    connection: wanted.conninfo,
    publications: wanted.publications,
    slot_name: wanted.slot_name,
    copy_data: copy,
    enabled: wanted.enabled,
    ...Object.fromEntries(
      OPTION_NAMES.filter((name) => params[name] !== undefined).map((name) => [name, wanted[name]]),
    ),
  },
})

export const ownerStep = (sql: (text: string) => Step, name: string, owner: string): Step =>
  sql(`ALTER SUBSCRIPTION ${quoteIdent(name)} OWNER TO ${quoteIdent(owner)}`)
