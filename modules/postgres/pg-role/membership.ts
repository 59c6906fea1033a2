import { quoteIdent } from '../../../contract/quote.ts'
import type { Membership } from '../../../postgres/catalog/role.ts'

/** A membership as a task wants it; an option that is left out is left as it is. */
export interface WantedMembership {
  role: string
  admin?: boolean
  inherit?: boolean
  set?: boolean
}

const OPTIONS = ['admin', 'inherit', 'set'] as const
type Option = (typeof OPTIONS)[number]

export interface MembershipContext {
  /** The member. */
  name: string
  major: number
  /** The member's own attribute, which new memberships take over from 16 on. */
  inherit: boolean
  /** Memberships that are not wanted are revoked. */
  exclusive: boolean
}

/** Who grants here: for a superuser PostgreSQL notes the one that initdb made. */
const GRANTOR = 'postgres'

/** The statements that bring memberships to what is wanted, and what they leave (GRANT and REVOKE, of roles). */
export function changeMemberships(
  has: readonly Membership[],
  wanted: readonly WantedMembership[],
  context: MembershipContext,
): { statements: string[]; after: Membership[] } {
  const { name, major } = context
  const member = quoteIdent(name)
  const statements: string[] = []
  let after = has.map((one) => ({ ...one }))
  const revoke = (what: string, { role, grantor }: Membership) => {
    const by = grantor === null ? '' : ` GRANTED BY ${quoteIdent(grantor)}`
    statements.push(`REVOKE ${what}${quoteIdent(role)} FROM ${member}${by}`)
  }

  for (const wish of wanted) {
    const rows = after.filter(({ role }) => role === wish.role)
    const lacking = OPTIONS.filter((option) => wish[option] === true && !rows.some((row) => row[option]))
    if (rows.length === 0 || lacking.length > 0) {
      let own = rows.find(({ grantor }) => grantor === null || grantor === GRANTOR)
      // A grant of its own says all that is wanted; one that is there is given what it lacks.
      const said = own ? lacking : OPTIONS.filter((option) => wish[option] !== undefined)
      statements.push(`GRANT ${quoteIdent(wish.role)} TO ${member}${withOptions(wish, said, major)}`)
      if (!own) {
        own = newMembership(wish.role, context)
        after.push(own)
      }
      for (const option of said) own[option] = wish[option]!
    }
    for (const row of after.filter(({ role }) => role === wish.role))
      for (const option of OPTIONS.filter((one) => wish[one] === false && row[one])) {
        revoke(`${option.toUpperCase()} OPTION FOR `, row)
        row[option] = false
      }
  }
  if (context.exclusive) {
    const unwanted = after.filter(({ role }) => !wanted.some((wish) => wish.role === role))
    for (const row of unwanted) revoke('', row)
    after = after.filter((row) => !unwanted.includes(row))
  }
  return { statements, after: after.sort(byRole) }
}

const newMembership = (role: string, { major, inherit }: MembershipContext): Membership => ({
  role,
  admin: false,
  ...(major >= 16 ? { inherit, set: true, grantor: GRANTOR } : { inherit: null, set: null, grantor: null }),
})

/** From 16 on each option is named with its value; before, there is WITH ADMIN OPTION alone. */
function withOptions(wish: WantedMembership, options: readonly Option[], major: number): string {
  const said = major >= 16 ? options : options.filter((option) => option === 'admin' && wish.admin)
  if (said.length === 0) return ''
  if (major < 16) return ' WITH ADMIN OPTION'
  return ` WITH ${said.map((option) => `${option.toUpperCase()} ${wish[option] ? 'TRUE' : 'FALSE'}`).join(', ')}`
}

/** The catalogue's order, collation "C". */
const byRole = (a: Membership, b: Membership): number =>
  Buffer.compare(Buffer.from(a.role), Buffer.from(b.role)) ||
  Buffer.compare(Buffer.from(a.grantor ?? ''), Buffer.from(b.grantor ?? ''))

/** For people: `pg_monitor`, `app (with admin, no inherit, granted by dba)`. */
export const describeMemberships = (memberships: readonly Membership[]): string[] =>
  memberships.map(({ role, admin, inherit, set, grantor }) => {
    const notes = [
      admin && 'with admin',
      inherit === false && 'no inherit',
      set === false && 'no set',
      grantor !== null && grantor !== GRANTOR && `granted by ${grantor}`,
    ].filter((note) => note !== false)
    return notes.length > 0 ? `${role} (${notes.join(', ')})` : role
  })
