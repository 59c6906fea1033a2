import { Refusal } from '../../contract/errors.ts'
import type { Change } from '../../contract/plan.ts'
import { quoteIdent } from '../../contract/quote.ts'
import {
  type Acl,
  columnsWithout,
  grantableAnywhere,
  heldAnywhere,
  shownOnColumns,
  union,
  without,
  withRights,
} from '../catalog/acl.ts'
import type { GrantParams } from './params.ts'
import type { Target } from './targets.ts'

export type Wish = Pick<GrantParams, 'state' | 'grant_option'> & { rights: readonly string[] }

/** What the wish means for one role on one object. */
interface Move {
  give: string[]
  /** Rights that are held already, but without the option that is wanted. */
  giveOption: string[]
  take: string[]
  takeOption: string[]
}

function moveOf(acl: Acl, role: string, { rights, state, grant_option: option }: Wish): Move {
  const held = acl.grants[role] ?? []
  // The owner may grant them anyway, which the catalogue does not list.
  const optional = role === acl.owner ? held : (acl.grantable[role] ?? [])
  const listed = grantableAnywhere(acl, role)
  const among = (list: readonly string[]) => rights.filter((right) => list.includes(right))
  const none: Move = { give: [], giveOption: [], take: [], takeOption: [] }
  if (state === 'absent')
    return option ? { ...none, takeOption: among(listed) } : { ...none, take: among(heldAnywhere(acl, role)) }
  return {
    ...none,
    give: without(rights, held),
    giveOption: option ? without(among(held), optional) : [],
    takeOption: option === false ? among(listed) : [],
  }
}

/** One difference, and the object's fact after it. */
export interface Difference {
  role: string
  target: Target
  change: Change
  move: Move
}

/**
 * Makes the wish true for a role on an object; null where it is.
 * @throws {Refusal} where rights would have to be revoked that others gave, or that were passed on
 */
export function difference(target: Target, role: string, wish: Wish): Difference | null {
  const { fact } = target
  const move = moveOf(fact, role, wish)
  const { give, giveOption, take, takeOption } = move
  if ([give, giveOption, take, takeOption].every((list) => list.length === 0)) return null
  refuseEntangled(fact, target.name, role, union(take, takeOption))
  const before = shown(fact, role)
  const held = without(union(fact.grants[role], give), take)
  const option = wish.state === 'present' && wish.grant_option ? union(give, giveOption) : []
  const optional = without(union(fact.grantable[role], option), union(take, takeOption))
  target.fact = {
    ...fact,
    grants: withRights(fact.grants, role, held),
    grantable: withRights(fact.grantable, role, optional),
    ...(fact.on_columns ? { on_columns: columnsWithout(fact, role, take, takeOption) } : {}),
  }
  const change = { path: `${target.name} rights of ${role}`, before, after: shown(target.fact, role) }
  return { role, target, change, move }
}

/** Rights that another role gave, or that the holder passed on: REVOKE does not reach them without CASCADE. */
export function refuseEntangled(acl: Acl, name: string, role: string, rights: readonly string[]): void {
  const entangled = acl.passed_on.filter(
    (one) => rights.includes(one.right) && (one.role === role || one.by === role),
  )
  if (entangled.length === 0) return
  throw new Refusal(
    `${name}: rights of ${role} cannot be revoked by the owner alone`,
    'Nothing is revoked with CASCADE. Let the roles that gave them revoke them first: SET ROLE …; REVOKE ….',
    entangled.map(({ right, role: holder, by }) => `${by} gave ${right} to ${holder}`),
  )
}

/** `SELECT`, or `SELECT (may grant it)`, or `SELECT (id, name)` of columns; null for none. */
function shown(acl: Acl, role: string): string[] | null {
  const { grants, grantable } = acl
  const held = grants[role] ?? []
  const marked = held.map((right) => (grantable[role]?.includes(right) ? `${right} (may grant it)` : right))
  const all = [...marked, ...shownOnColumns(acl, role)]
  return all.length > 0 ? all : null
}

/**
 * The statements for these differences.
 * @param on another way to name all objects at once: `ALL TABLES IN SCHEMA "app"`
 */
export function statements(differences: readonly Difference[], wish: Wish, on?: string): string[] {
  const texts = new Set<string>()
  const everywhere = (pick: (move: Move) => string[], role: string) =>
    differences
      .filter((one) => one.role === role)
      .reduce<string[]>((all, { move }) => union(all, pick(move)), [])
  for (const { role, target, move } of differences) {
    const rights = (pick: (move: Move) => string[]) => (on ? everywhere(pick, role) : pick(move))
    const to = role === 'PUBLIC' ? role : quoteIdent(role)
    const add = (verb: string, list: readonly string[], rest: string) => {
      if (list.length > 0)
        texts.add(`${target.prefix ?? ''}${verb}${list.join(', ')} ON ${on ?? target.on} ${rest}`)
    }
    const option = wish.state === 'present' && wish.grant_option ? ' WITH GRANT OPTION' : ''
    add(
      'GRANT ',
      rights(({ give, giveOption }) => union(give, giveOption)),
      `TO ${to}${option}`,
    )
    add(
      'REVOKE ',
      rights(({ take }) => take),
      `FROM ${to}`,
    )
    add(
      'REVOKE GRANT OPTION FOR ',
      rights(({ takeOption }) => takeOption),
      `FROM ${to}`,
    )
  }
  return [...texts]
}
