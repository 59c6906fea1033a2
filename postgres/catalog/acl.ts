/** Who holds which rights on an object (Privileges, 5.8). Part of the facts of all that rights can be held on. */
export interface Acl {
  owner: string
  /** Role → its rights, sorted. PUBLIC is everyone. */
  grants: Record<string, string[]>
  /** Role → those of its rights that it may grant to others, sorted. The owner may always, unlisted. */
  grantable: Record<string, string[]>
  /** What another role than the owner has granted: only that role can revoke it. */
  passed_on: { role: string; right: string; by: string }[]
  /** Of tables: what is held on single columns besides. REVOKE on the table takes these away too (REVOKE, Notes). */
  on_columns?: ColumnRight[]
}

interface ColumnRight {
  role: string
  right: string
  column: string
  /** It may be granted to others. */
  grantable?: true
}

/** The rights that a role holds on the object, or on a column of it; sorted. */
export const heldAnywhere = ({ grants, on_columns = [] }: Acl, role: string): string[] =>
  union(
    grants[role],
    on_columns.filter((one) => one.role === role).map(({ right }) => right),
  )

/** Those of its rights that a role may grant to others, on the object or on a column of it; sorted. */
export const grantableAnywhere = ({ grantable, on_columns = [] }: Acl, role: string): string[] =>
  union(
    grantable[role],
    on_columns.filter((one) => one.role === role && one.grantable).map(({ right }) => right),
  )

/** `SELECT (id, name)` for each right that a role holds on some columns. */
export function shownOnColumns({ on_columns = [] }: Acl, role: string): string[] {
  const columns = new Map<string, string[]>()
  for (const one of on_columns)
    if (one.role === role) {
      const column = one.grantable ? `${one.column}: may grant it` : one.column
      columns.set(one.right, [...(columns.get(one.right) ?? []), column])
    }
  return [...columns].map(([right, names]) => `${right} (${names.join(', ')})`).sort()
}

/** What is left on columns where a role's rights on the table, or the option to grant them, are revoked. */
export const columnsWithout = (
  { on_columns = [] }: Acl,
  role: string,
  taken: readonly string[],
  options: readonly string[] = [],
): ColumnRight[] =>
  on_columns
    .filter((one) => one.role !== role || !taken.includes(one.right))
    .map(({ grantable, ...one }) =>
      grantable && !(one.role === role && options.includes(one.right)) ? { ...one, grantable } : one,
    )

export type AclKind = 'table' | 'sequence' | 'function' | 'database' | 'schema'

/** The letters of pg_default_acl.defaclobjtype. */
export const ACL_LETTER = { table: 'r', sequence: 'S', function: 'f', database: 'd', schema: 'n' } as const

/** What ALL means, sorted (Privileges, table 5.2). @param major of the server */
export function allRights(kind: AclKind, major: number): string[] {
  switch (kind) {
    case 'table':
      return [
        'DELETE',
        'INSERT',
        ...(major >= 17 ? ['MAINTAIN'] : []),
        'REFERENCES',
        'SELECT',
        'TRIGGER',
        'TRUNCATE',
        'UPDATE',
      ]
    case 'sequence':
      return ['SELECT', 'UPDATE', 'USAGE']
    case 'function':
      return ['EXECUTE']
    case 'database':
      return ['CONNECT', 'CREATE', 'TEMPORARY']
    case 'schema':
      return ['CREATE', 'USAGE']
  }
}

/** What a new object has where no default privileges say otherwise (acldefault). */
export function builtinAcl(kind: AclKind, owner: string, major: number): Acl {
  const everyone = { function: ['EXECUTE'], database: ['CONNECT', 'TEMPORARY'] }[kind as string]
  return {
    owner,
    grants: { ...(everyone && { PUBLIC: everyone }), [owner]: allRights(kind, major) },
    grantable: {},
    passed_on: [],
  }
}

/**
 * The columns grants, grantable and passed_on of a query.
 * @param acl an expression: the object's aclitem[], not null
 * @param owner an expression: its owner's oid
 */
export function aclColumns(acl: string, owner: string): string {
  const rights = (condition: string) => `(select coalesce(json_object_agg(role, rights), '{}') from (
      select coalesce(g.rolname, 'PUBLIC') as role, json_agg(distinct x.privilege_type) as rights
      from aclexplode(${acl}) x left join pg_roles g on g.oid = x.grantee where ${condition} group by 1) r)`
  return `${rights('true')} as grants, ${rights('x.is_grantable')} as grantable,
    (select coalesce(json_agg(json_build_object('role', coalesce(g.rolname, 'PUBLIC'), 'right', x.privilege_type,
        'by', pg_get_userbyid(x.grantor))), '[]')
      from aclexplode(${acl}) x left join pg_roles g on g.oid = x.grantee where x.grantor <> ${owner}) as passed_on`
}

/** The rights after a change of owner: what was the old one's, as holder and as giver, is the new one's (aclnewowner). */
export function reown<T extends Acl>(acl: T, to: string): T {
  const from = acl.owner
  if (from === to) return acl
  const move = (rights: Record<string, string[]>) => {
    const { [from]: moved, ...others } = rights
    return moved ? { ...others, [to]: union(others[to], moved) } : others
  }
  return {
    ...acl,
    owner: to,
    grants: move(acl.grants),
    grantable: move(acl.grantable),
    passed_on: acl.passed_on
      .map((one) => ({ ...one, role: one.role === from ? to : one.role }))
      .filter(({ by }) => by !== to),
  }
}

/** Sorted, each once. */
export const union = (a: readonly string[] = [], b: readonly string[] = []): string[] =>
  [...new Set([...a, ...b])].sort()

/** Those of `a` that are not in `b`. */
export const without = (a: readonly string[] = [], b: readonly string[] = []): string[] =>
  a.filter((one) => !b.includes(one))

/** With this role's rights replaced; a role without any is not listed. */
export function withRights(
  rights: Record<string, string[]>,
  role: string,
  held: string[],
): Record<string, string[]> {
  const { [role]: _, ...others } = rights
  return held.length > 0 ? { ...others, [role]: held } : others
}
