import { Refusal } from '../../../contract/errors.ts'
import type { HbaLine } from '../../../postgres/hba/parse.ts'
import { type Rule, shadows } from '../../../postgres/hba/rule.ts'

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

/**
 * Debian's maintenance, and play itself, log in over the Unix socket as postgres. Rules that keep them out would be
 * accepted by the server, and be the last that anyone could change this way. @throws {Refusal}
 */
export function refuseLockout(lines: readonly HbaLine[], path: string): void {
  const first = lines.find(({ rule }) => rule && shadows(rule, ADMINISTRATOR))
  if (first && ['peer', 'ident', 'trust'].includes(first.rule!.method)) return
  throw new Refusal(
    `with these rules ${path} would keep out postgres itself on the Unix socket`,
    'Begin with `{ type: local, database: all, user: postgres, method: peer }`.',
    first ? [`it would be caught by: ${first.raw.trim()}`] : ['no rule lets it in'],
  )
}
