import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { parseIdent, type UserMap } from '../../../postgres/hba/ident.ts'
import { parseHba } from '../../../postgres/hba/parse.ts'
import { readHba, readIdent } from '../../../postgres/hba/read.ts'
import { matchKey, type Rule } from '../../../postgres/hba/rule.ts'
import { DATABASE_KEYWORDS, type Token, USER_KEYWORDS, writeToken } from '../../../postgres/hba/token.ts'

/** The rules of a cluster's pg_hba.conf, as pg_hba takes them; those that can never match are left out. */
export async function rulesOf(host: HostReader, cluster: Cluster): Promise<Record<string, unknown>[]> {
  const { text } = await readHba(host, cluster)
  const seen = new Set<string>()
  return parseHba(text, Number.parseInt(cluster.version, 10)).flatMap(({ rule, error }) => {
    if (!rule || error !== undefined || seen.has(matchKey(rule))) return []
    seen.add(matchKey(rule))
    return [ruleArguments(rule)]
  })
}

/**
 * The maps of user names that rules may name, as pg_ident takes them.
 * @throws {Refusal} where a rule names one that is in a file which pg_ident.conf includes: what it says is not known
 */
export async function mapsOf(host: HostReader, cluster: Cluster): Promise<UserMap[]> {
  const [{ path, text }, rules] = await Promise.all([readIdent(host, cluster), rulesOf(host, cluster)])
  const { maps, includes } = parseIdent(text, Number.parseInt(cluster.version, 10))
  if (!includes) return maps
  const there = new Set(maps.map(({ map }) => map.replaceAll('"', '')))
  const named = rules.flatMap(({ options }) => (options as { map?: string } | undefined)?.map ?? [])
  const elsewhere = [...new Set(named.filter((map) => !there.has(map)))]
  if (elsewhere.length === 0) return maps
  throw new Refusal(
    `rules on ${host.name} name the maps ${elsewhere.join(', ')}, which ${path} has from other files`,
    `Put the lines of these maps into ${path} itself: included files are not copied.`,
  )
}

/** A rule as the arguments of pg_hba that mean the same. */
export function ruleArguments({
  type,
  databases,
  users,
  addressText,
  method,
  options,
}: Rule): Record<string, unknown> {
  const words = (tokens: Token[], keywords: ReadonlySet<string>) =>
    tokens.map((one) => writeToken(one, keywords))
  return {
    type,
    database: words(databases, DATABASE_KEYWORDS),
    user: words(users, USER_KEYWORDS),
    ...(addressText === undefined ? {} : { address: addressText }),
    method,
    ...(options.length > 0 ? { options: Object.fromEntries(options) } : {}),
  }
}
