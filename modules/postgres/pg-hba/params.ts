import * as z from 'zod'
import { withoutEnd } from '../../../contract/ends.ts'
import { Refusal } from '../../../contract/errors.ts'
import { choice, list, mapping, named, scalar, text } from '../../../contract/params.ts'
import { BadAddress, readAddress } from '../../../postgres/hba/address.ts'
import { complaintAbout } from '../../../postgres/hba/parse.ts'
import { matchKey, type Rule, TYPES } from '../../../postgres/hba/rule.ts'
import { type Token, tokenize } from '../../../postgres/hba/token.ts'

/** Not `texts()`: one text is split at its commas, the items of a list are not. */
const names = named(z.union([text(), list(text(), { min: 1 })]), 'text or list of text')

export const ruleParams = z.strictObject({
  type: choice(...TYPES).meta({ description: 'Kind of connection.', example: 'host' }),
  database: names.default('all').meta({
    description:
      'Databases, as a list or separated by commas. `replication` means physical replication alone and `all` never does; `"replication"` in quotes of its own is a database of that name.',
    example: 'app',
    aliases: ['databases'],
  }),
  user: names
    .default('all')
    .meta({ description: 'Roles; `+role` means its members.', example: 'replicator', aliases: ['users'] }),
  address: text().optional().meta({
    unset: 'needed, but for `type: local`',
    description:
      'Network (CIDR), address with a mask after a blank, host name, all, samehost or samenet. Not for local.',
    example: '10.15.0.0/24',
  }),
  method: text().optional().meta({
    unset: 'needed with `state: present`',
    description: 'Authentication method. With `state: absent` it may be left out.',
    example: 'scram-sha-256',
  }),
  options: mapping(text(), scalar())
    .optional()
    .meta({ unset: 'none', description: 'Options of the method.', example: { map: 'admins' } }),
  comment: text({ expected: 'one line without backslashes', fits: /^[^\n\\]*$/ })
    .optional()
    .meta({ unset: 'none', description: 'Written behind the rule when it is added.' }),
})
export type RuleParams = z.output<typeof ruleParams>

/** A rule that the task names. Without a method, rules of any method are meant (state absent). */
export interface WantedRule extends Rule {
  comment?: string
}

/** @throws {Refusal} with the errors of all rules */
export function wantedRules(
  given: readonly RuleParams[],
  version: number,
  needMethod: boolean,
): WantedRule[] {
  const errors: string[] = []
  const rules = given.flatMap((params, index) => {
    try {
      return [wantedRule(params, version, needMethod)]
    } catch (error) {
      if (!(error instanceof BadWish || error instanceof BadAddress)) throw error
      errors.push(`rule ${index + 1}: ${error.message}`)
      return []
    }
  })
  errors.push(...(needMethod ? contradictions(rules) : []))
  if (errors.length > 0)
    throw new Refusal(
      errors.length === 1 ? `${errors[0]}` : `${errors.length} rules are not valid`,
      undefined,
      errors.length === 1 ? [] : errors,
    )
  return rules
}

/** Of two rules about the same connections only the first is ever tried. */
function contradictions(rules: readonly WantedRule[]): string[] {
  const seen = new Map<string, number>()
  return rules.flatMap((rule, index) => {
    const first = seen.get(matchKey(rule))
    if (first === undefined) seen.set(matchKey(rule), index)
    return first === undefined
      ? []
      : [`rule ${index + 1}: rule ${first + 1} is about the same connections already`]
  })
}

class BadWish extends Error {}

function wantedRule(params: RuleParams, version: number, needMethod: boolean): WantedRule {
  const { type, address, method, options = {} } = params
  const rule: WantedRule = {
    type,
    databases: tokens(params.database, 'database'),
    users: tokens(params.user, 'user'),
    method: method ?? '',
    options: Object.entries(options).map(([name, value]) => [name, String(value)]),
    comment: params.comment,
  }
  if (type === 'local' && address !== undefined) throw new BadWish('a local rule has no address')
  if (type !== 'local') {
    if (address === undefined)
      throw new BadWish(`a ${type} rule needs an address (a network such as 10.0.0.0/24, or all)`)
    const [host, mask, ...more] = address.trim().split(/[ \t]+/) as [string, ...string[]]
    if (more.length > 0 || /[^\x21-\x7e]/.test(host + (mask ?? '')))
      throw new BadWish(
        `${JSON.stringify(address)} is neither an address nor an address with a mask behind it`,
      )
    rule.address = readAddress(host, false, mask)
    if (mask !== undefined && rule.address.kind !== 'network')
      throw new BadWish(`${JSON.stringify(address)} has a mask, and is no address`)
    rule.addressText = mask === undefined ? host : `${host} ${mask}`
  }
  if (
    version < 16 &&
    [...rule.databases, ...rule.users].some(({ text, quoted }) => !quoted && text.startsWith('/'))
  )
    throw new BadWish(
      'a name that begins with / is a regular expression from PostgreSQL 16 on, and an ordinary name here: put it in quotes',
    )
  if (method === undefined) {
    if (needMethod) throw new BadWish('it has no method')
    return rule
  }
  const error = complaintAbout(rule)
  if (error) throw new BadWish(error)
  return rule
}

/** `a, "b c"` → two words. An item of a list may hold blanks without quotes. */
function tokens(given: string | string[], what: string): Token[] {
  const texts = Array.isArray(given) ? given : splitCommas(given)
  return texts.map((text) => {
    if (!text.startsWith('"')) {
      if (text === '' || /["\n\r\0]/.test(text))
        throw new BadWish(
          `${JSON.stringify(text)} is no name of a ${what}${text.includes('"') ? `; a name that holds a quote is written ${JSON.stringify(`"${text.replaceAll('"', '""')}"`)}` : ''}`,
        )
      return { text, quoted: false }
    }
    const found = tokenize(text)
    const one = found?.fields.length === 1 ? found.fields[0]! : []
    if (one.length !== 1) throw new BadWish(`${text} is no quoted name of a ${what}`)
    return one[0]!
  })
}

const splitCommas = (text: string): string[] =>
  (text.match(/(?:"(?:[^"]|"")*"|[^,"]|"(?=[^"]*$))+/g) ?? ['']).map((part) =>
    withoutEnd(part.replace(/^[ \t]+/, ''), /[ \t]/),
  )
