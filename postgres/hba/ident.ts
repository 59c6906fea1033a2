import { logicalLines } from './lines.ts'
import { type Token, tokenize, writeToken } from './token.ts'

/** A line of pg_ident.conf, its words as they are written there. */
export interface UserMap {
  /** What `map` of a rule names. */
  map: string
  /** The name that whoever logs in has in the operating system or a certificate; `/` begins a regular expression. */
  system_user: string
  /** The role as which it may log in. */
  database_user: string
}

const KEYWORDS: ReadonlySet<string> = new Set(['all'])
const written = (token: Token): string => writeToken(token, KEYWORDS)

/**
 * The lines that map (21.2), whatever their formatting; `includes`: other files are read too, from PostgreSQL 16 on.
 * @param version major version of the server
 */
export function parseIdent(text: string, version: number): { maps: UserMap[]; includes: boolean } {
  const maps: UserMap[] = []
  let includes = false
  for (const { joined } of logicalLines(text, version)) {
    const fields = tokenize(joined)?.fields ?? []
    includes ||= fields.length === 2 && /^include(_if_exists|_dir)?$/.test(fields[0]![0]!.text)
    if (fields.length !== 3 || fields.some((words) => words.length !== 1)) continue
    const [map, system_user, database_user] = fields.map(([word]) => written(word!)) as [
      string,
      string,
      string,
    ]
    maps.push({ map, system_user, database_user })
  }
  return { maps, includes }
}

/** In the columns that Debian's file uses. */
export const writeMap = ({ map, system_user, database_user }: UserMap): string =>
  `${map.padEnd(15)} ${system_user.padEnd(23)} ${database_user}`

export const sameMap = (one: UserMap, other: UserMap): boolean =>
  one.map === other.map && one.system_user === other.system_user && one.database_user === other.database_user
