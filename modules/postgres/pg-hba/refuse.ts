import { Refusal } from '../../../contract/errors.ts'
import type { HbaLine } from '../../../postgres/hba/parse.ts'
import { hasKeyword, meets, type Rule, ruleKey, shadows } from '../../../postgres/hba/rule.ts'

/** From PostgreSQL 16 a file can include others, whose rules stand between its own. @throws {Refusal} */
export function refuseIncludes(lines: HbaLine[], path: string): void {
  const found = lines.filter(({ include }) => include)
  if (found.length === 0) return
  throw new Refusal(
    `${path} includes other files, which pg_hba does not follow`,
    'Put the rules into pg_hba.conf itself, or keep the file as a whole with `copy` or `template`.',
    found.map(({ line, raw }) => `line ${line}: ${raw.trim()}`),
  )
}

/** Among lines that the server refuses nobody knows what is meant. @throws {Refusal} */
export function refuseBroken(lines: HbaLine[], path: string): void {
  const found = lines.filter(({ error }) => error !== undefined)
  if (found.length === 0) return
  throw new Refusal(
    `${path} holds lines that the server refuses, so that none of its rules can be loaded`,
    'Correct them, or name all rules of the file with `exclusive: true`.',
    found.map(({ line, error }) => `line ${line}: ${error}`),
  )
}

const ADMINISTRATOR: Rule = {
  type: 'local',
  databases: [{ text: 'postgres', quoted: false }],
  users: [{ text: 'postgres', quoted: false }],
  method: 'peer',
  options: [],
}

/** With a map peer lets in whom pg_ident.conf says, which another task may change. */
const letsIn = ({ method, options }: Rule): boolean =>
  method === 'trust' ||
  (['peer', 'ident'].includes(method) && !options.some(([name]) => name.toLowerCase() === 'map'))

/**
 * Debian's maintenance, and play itself, log in over the Unix socket as postgres. Rules that keep them out would be
 * accepted by the server, and be the last that anyone could change this way. What only the server could tell (a group, a file of
 * names, a map) is taken for the worst, but where it has stood there before: play is in. @throws {Refusal}
 */
export function refuseLockout(lines: readonly HbaLine[], before: readonly HbaLine[], path: string): void {
  const ways = wayIn(lines)
  const first = ways.find((rule) => !letsIn(rule.rule)) ?? ways.at(-1)
  if (first && letsIn(first.rule)) return
  const keys = (all: Way[]) => JSON.stringify(all.map(({ rule }) => ruleKey(rule)))
  if (first && keys(ways) === keys(wayIn(before))) return
  throw new Refusal(
    `with these rules ${path} ${first && !isSure(first) ? 'may' : 'would'} keep out postgres itself on the Unix socket`,
    'Begin with `{ type: local, database: all, user: postgres, method: peer }`.',
    first ? [`it would be caught by: ${first.raw.trim()}`] : ['no rule lets it in'],
  )
}

type Way = HbaLine & { rule: Rule }

/** The rules that may be those of postgres on the socket, up to the first that surely is. */
function wayIn(lines: readonly HbaLine[]): Way[] {
  const met = lines.filter((line): line is Way => line.rule !== undefined && meetsAdministrator(line.rule))
  const sure = met.findIndex(isSure)
  return sure < 0 ? [] : met.slice(0, sure + 1)
}

const isSure = ({ rule }: Way): boolean =>
  shadows(rule, ADMINISTRATOR) ||
  (hasKeyword(rule.databases, 'sameuser') &&
    shadows({ ...rule, databases: ADMINISTRATOR.databases }, ADMINISTRATOR))
const meetsAdministrator = (rule: Rule): boolean =>
  meets(rule, ADMINISTRATOR) && !rule.databases.every(({ text, quoted }) => text === 'replication' && !quoted)
