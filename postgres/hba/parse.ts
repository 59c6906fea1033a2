import { type Address, BadAddress, readAddress } from './address.ts'
import { type LogicalLine, logicalLines } from './lines.ts'
import { METHODS, type Rule, type RuleType, TYPES } from './rule.ts'
import { type Token, tokenize } from './token.ts'

/** A line of pg_hba.conf. */
export interface HbaLine extends Omit<LogicalLine, 'joined'> {
  rule?: Rule
  /** The trailing comment with its sign. */
  comment?: string
  /** Why the server will not take it. */
  error?: string
  /** include, include_if_exists or include_dir, from PostgreSQL 16. */
  include?: boolean
}

/** @param version major version of the server, which decides what is allowed */
export function parseHba(text: string, version: number): HbaLine[] {
  return logicalLines(text, version).map(({ joined, ...line }) => ({
    ...line,
    ...parseLine(joined, version),
  }))
}

function parseLine(line: string, version: number): Omit<HbaLine, keyof LogicalLine> {
  const tokens = tokenize(line)
  if (!tokens) return { error: 'a quote is never closed' }
  const { fields, comment } = tokens
  if (fields.length === 0) return { comment }
  if (/^include(_if_exists|_dir)?$/.test(fields[0]![0]!.text))
    return version >= 16
      ? { include: true, comment }
      : { error: 'include is known from PostgreSQL 16 on', comment }
  try {
    return { rule: readRule(fields), comment }
  } catch (error) {
    if (error instanceof BadRule || error instanceof BadAddress) return { error: error.message, comment }
    throw error
  }
}

export class BadRule extends Error {}

function readRule(fields: Token[][]): Rule {
  const rest = [...fields]
  const type = single(rest.shift(), 'connection type').text
  if (!isType(type)) throw new BadRule(`"${type}" is no connection type: ${TYPES.join(', ')} are`)
  const databases = rest.shift()
  const users = rest.shift()
  if (!databases || !users) throw new BadRule('the line ends before the user')
  const rule: Rule = { type, databases, users, method: '', options: [] }
  if (type !== 'local') Object.assign(rule, takeAddress(rest))
  rule.method = single(rest.shift(), 'method').text
  rule.options = rest.flatMap((field) => field.map(readOption))
  const error = complaintAbout(rule)
  if (error) throw new BadRule(error)
  return rule
}

function takeAddress(rest: Token[][]): { address: Address; addressText: string } {
  const { text, quoted } = single(rest.shift(), 'address')
  const needsMask = /^[\d.]+$|:/.test(text) && !text.includes('/')
  const mask = needsMask && rest.length > 1 ? single(rest.shift(), 'mask').text : undefined
  return {
    address: readAddress(text, quoted, mask),
    addressText: mask === undefined ? text : `${text} ${mask}`,
  }
}

function single(field: Token[] | undefined, what: string): Token {
  if (!field) throw new BadRule(`the line ends before the ${what}`)
  if (field.length > 1) throw new BadRule(`there is more than one ${what}`)
  return field[0]!
}

const isType = (text: string): text is RuleType => (TYPES as readonly string[]).includes(text)

function readOption({ text }: Token): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new BadRule(`the option "${text}" is not of the form name=value`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** What the server would say about a rule whose parts are fine by themselves (21.1). */
export function complaintAbout({ type, method, options, databases, users }: Rule): string | undefined {
  if (!(METHODS as readonly string[]).includes(method))
    return `"${method}" is no authentication method: ${METHODS.join(', ')} are`
  if (method === 'peer' && type !== 'local') return 'peer is for local connections alone'
  if (method === 'gss' && type === 'local') return 'gss is not for local connections'
  if (method === 'cert' && type !== 'hostssl') return 'cert is for hostssl connections alone'
  if (options.some(([name]) => name === 'clientcert') && type !== 'hostssl')
    return 'clientcert is for hostssl connections alone'
  if (databases.length === 0) return 'no database is named'
  if (users.length === 0) return 'no user is named'
  return undefined
}
