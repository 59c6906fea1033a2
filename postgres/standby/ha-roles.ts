/** What is known of a member of a group of servers that stand in for each other (pg_timeline reads it). */
export interface MemberStand {
  host: string
  /** `none`: there is no server, or nothing in it. `fenced`: a former primary that only reads where it runs. */
  role: 'none' | 'primary' | 'standby' | 'fenced'
  system_identifier: string | null
  timeline: number | null
  /** The latest timeline of which a history file in its data directory tells; null: none does. */
  knows: number | null
  /** A primary in which nobody has made anything, such as a package makes it. */
  unused: boolean
  /** Who takes over, where it is fenced. */
  fenced: string | null
}

export interface HaGroup {
  name: string
  members: readonly string[]
  /** Who is the primary while there is no server at all. */
  declared: string
}

export interface Asked {
  /** The user says who the primary is, whoever does not answer. */
  named?: string
  /** A role change, and who is to be the primary: then it is asked whose place it takes, or has taken. */
  taking?: string
}

export interface HaRoles {
  primary: string
  /** Why nobody can tell, and what to do then; null: it is found, or declared where nothing exists yet. */
  unsure: { why: string; hint: string } | null
  /** Members that were its primary before, and are not its standbys yet. */
  former: string[]
}

/**
 * Who is the primary of a group. One that is found counts only if every member has answered, and none knows a later
 * timeline than the one that it writes. Pure.
 */
export function haRoles(group: HaGroup, known: ReadonlyMap<string, MemberStand>, asked: Asked): HaRoles {
  try {
    const survey = new Survey(group, known, asked)
    const primary = survey.primary()
    // While a role changes there is nobody else.
    if (asked.taking !== undefined) return { primary, unsure: null, former: [] }
    const former = survey.servers.filter(({ host, role }) => host !== primary && role !== 'standby')
    return { primary, unsure: null, former: former.map(({ host }) => host) }
  } catch (error) {
    if (!(error instanceof Unsure)) throw error
    const { primary, message, hint } = error
    return { primary, unsure: { why: `pg_ha_group ${group.name}: ${message}`, hint }, former: [] }
  }
}

/** Thrown where nobody can tell, with the one that is the best guess: for those who only look. */
class Unsure extends Error {
  constructor(
    readonly primary: string,
    message: string,
    readonly hint: string,
  ) {
    super(message)
  }
}

class Survey {
  readonly silent: readonly string[]
  /** Those that are, or were, one server. */
  readonly servers: readonly MemberStand[]
  /** The one primary among them that nobody took over from; undefined: none answers. */
  readonly found: MemberStand | undefined

  /** @throws {Unsure} */
  constructor(
    readonly group: HaGroup,
    known: ReadonlyMap<string, MemberStand>,
    readonly asked: Asked,
  ) {
    const { members, declared } = group
    const { named, taking } = asked
    if (named !== undefined && !members.includes(named))
      throw new Unsure(
        declared,
        `-e primary=${named}, and its members are ${members.join(', ')}`,
        'Name one.',
      )
    if (named !== undefined && named === taking)
      throw new Unsure(declared, `-e primary=${named}, and -e new_primary=${taking}`, 'Name two hosts.')
    this.silent = members.filter((host) => !known.has(host))
    this.servers = this.#ofOneSystem(members.flatMap((host) => known.get(host) ?? []))
    this.found = this.#latestPrimary()
  }

  primary(): string {
    return this.asked.taking === undefined ? this.#present() : this.#former(this.asked.taking)
  }

  #present(): string {
    const { found, servers, silent } = this
    const { named } = this.asked
    if (found && named !== undefined && named !== found.host) throw this.#isAnother(found, named)
    if (named !== undefined && !silent.includes(named) && !found && servers.length > 0)
      throw new Unsure(named, `-e primary=${named}, which is none`, NOBODY)
    if (named !== undefined) return named
    if (silent.length > 0) throw this.#silence()
    if (servers.length === 0) return this.group.declared
    if (found) return found.host
    const fenced = servers.find(({ role }) => role === 'fenced')
    if (!fenced)
      throw new Unsure(this.group.declared, 'nobody is a primary: its servers are standbys', NOBODY)
    throw new Unsure(
      fenced.host,
      `nobody is a primary: ${fenced.host} is fenced, because ${fenced.fenced} was to take over from it`,
      `Run again what was interrupted: play playbooks/switchover.yaml -i INVENTORY -e new_primary=${fenced.fenced} (or failover.yaml).`,
    )
  }

  /** Whose place a member takes; where an earlier run was interrupted, has taken. */
  #former(taking: string): string {
    const { found, servers, silent } = this
    const { named } = this.asked
    if (found && found.host !== taking) {
      if (named !== undefined && named !== found.host) throw this.#isAnother(found, named)
      if (named === undefined && silent.length > 0) throw this.#silence()
      return found.host
    }
    const own = servers.find(({ host }) => host === taking)
    // A standby's control file names the timeline of its last restartpoint: what it has heard of, it follows.
    if (!found && own) this.#refuseLater(own, latestOf(own))
    if (named !== undefined) return named
    const others = servers.filter(({ host }) => host !== taking)
    const left = others.filter((one) => one.role === 'primary' || (one.fenced ?? '') === taking)
    const candidates =
      left.length > 0 ? left.map(({ host }) => host) : silent.filter((host) => host !== taking)
    const isAlone = candidates.length === 1 && (left.length === 0 || silent.length === 0)
    if (isAlone) return candidates[0]!
    const everybody = [...new Set([...candidates, ...silent])]
    if (everybody.length > 0)
      throw new Unsure(
        everybody[0]!,
        `nobody can tell whose place ${taking} takes: that of ${everybody.join(' or ')}`,
        'Say who was the primary: -e primary=HOST',
      )
    // All follow it, or nothing exists yet.
    const [first] = this.group.members.filter((host) => host !== taking)
    if (found) return first ?? taking
    if (servers.length === 0) return this.group.declared
    throw new Unsure(
      first ?? taking,
      'nobody is a primary: its servers are standbys',
      'Say who was: -e primary=HOST',
    )
  }

  #ofOneSystem(all: readonly MemberStand[]): readonly MemberStand[] {
    const servers = all.filter(({ role }) => role !== 'none')
    const systems = (of: readonly MemberStand[]) => [...new Set(of.map((one) => one.system_identifier))]
    if (systems(servers).length <= 1) return servers
    const named = servers.find(({ host }) => host === this.asked.named)
    const used = servers.filter(({ unused }) => !unused)
    const [system, ...more] = named ? [named.system_identifier] : systems(used)
    if (more.length === 0) return servers.filter((one) => one.system_identifier === (system ?? null))
    const said = used.map((one) => `${one.host} has system identifier ${one.system_identifier}`)
    throw new Unsure(
      this.group.declared,
      `its members are no copies of one server: ${said.join(', ')}`,
      'Name the one that holds your data: -e primary=HOST',
    )
  }

  #latestPrimary(): MemberStand | undefined {
    const primaries = this.servers.filter(({ role }) => role === 'primary')
    const top = Math.max(0, ...primaries.map(writes))
    const first = primaries.filter((one) => writes(one) === top)
    const { named } = this.asked
    const [found, ...more] = first.some(({ host }) => host === named)
      ? first.filter(({ host }) => host === named)
      : first
    if (found === undefined) return undefined
    if (more.length > 0)
      throw new Unsure(
        found.host,
        `${[found, ...more].map(({ host }) => host).join(' and ')} are primaries of one system, all on timeline ${top}`,
        'Find out which one is written to, and stop the other. Then say who stays, and the other can rejoin: -e primary=HOST',
      )
    this.#refuseLater(found, top)
    return found
  }

  #refuseLater({ host }: MemberStand, timeline: number): void {
    const latest = Math.max(...this.servers.map(latestOf))
    if (latest <= timeline) return
    const other = this.servers.find((one) => latestOf(one) === latest)!
    throw new Unsure(
      host,
      `${other.host} knows timeline ${latest}, and ${host} is on ${timeline}: somebody took over who does not answer as a primary`,
      'Find out who did, and stop the other. The .history files in pg_wal say when that was.',
    )
  }

  #isAnother({ host, timeline }: MemberStand, named: string): Unsure {
    return new Unsure(
      host,
      `-e primary=${named}, and ${host} is the primary, on timeline ${timeline}`,
      `Leave -e primary out, or name ${host}.`,
    )
  }

  #silence(): Unsure {
    const { found, silent, group } = this
    const who = `${silent.join(' and ')} ${silent.length === 1 ? 'does' : 'do'} not answer`
    if (found)
      return new Unsure(
        found.host,
        `${who}, and may know of a later primary than ${found.host}`,
        `Nothing is changed in this group until all answer. If you know that ${found.host} is the primary: -e primary=${found.host}`,
      )
    const guess = silent.includes(group.declared) ? group.declared : silent[0]!
    return new Unsure(guess, `${who}, and nobody else is a primary`, NOBODY)
  }
}

const NOBODY =
  'Start the primary. If it is gone for good: play playbooks/failover.yaml -i INVENTORY -e new_primary=HOST'

/** One that was promoted, and has crashed before a checkpoint, names the timeline before in its control file. */
const writes = (one: MemberStand): number => (one.role === 'primary' ? latestOf(one) : (one.timeline ?? 0))

const latestOf = ({ timeline, knows }: MemberStand): number => Math.max(timeline ?? 0, knows ?? 0)
