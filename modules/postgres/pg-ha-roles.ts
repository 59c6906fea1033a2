import * as z from 'zod'
import { type Addition, defineModule } from '../../contract/module.ts'
import { anything, flag, nonEmpty, param, texts } from '../../contract/params.ts'
import { haRoles } from '../../postgres/standby/ha-roles.ts'
import { stand } from './pg-timeline/inspect.ts'

const group = z.object({
  name: param(nonEmpty(), 'Its name.', { example: 'shop' }),
  members: param(texts(), 'Its hosts.', { example: ['shop1', 'shop2'] }),
  declared: param(nonEmpty(), 'The primary when nothing exists yet.', { example: 'shop1' }),
  publishes: param(flag().default(false), 'Whether its primary has publications.'),
})

const params = z.strictObject({
  groups: param(z.array(group), 'The groups, as the variable `pg_ha_groups` has them.', {
    example: '{{ pg_ha_groups }}',
  }),
  stands: param(
    z.array(z.union([z.array(anything()), anything()])),
    'What pg_timeline registered of the members, with `in_group`. Who is missing has not answered.',
    { example: ['{{ stands.results }}'] },
  ),
  primary: param(
    nonEmpty().optional(),
    'A member that is the primary of its group, although others do not answer.',
    {
      unset: 'nobody is named',
    },
  ),
  new_primary: param(
    nonEmpty().optional(),
    'A member that is to be the primary of its group: the one whose place it takes is found, also where it has taken it already.',
    { unset: 'no role changes' },
  ),
  only: param(
    nonEmpty().optional(),
    'A host: of other groups than its own it does not matter who cannot be told.',
    {
      unset: 'each group matters',
    },
  ),
})
type Params = z.infer<typeof params>

/** Reads nothing: what the members are is known by then. */
export const pgHaRolesModule = defineModule<Params, null>({
  name: 'pg_ha_roles',
  summary:
    'Tells who is the primary of each group of servers that stand in for each other, and puts them into pg_primaries and pg_standbys; changes nothing',
  changesNothing: () => true,
  params,
  inspect: async () => null,
  plan: () => ({ changes: [], steps: [] }),
  result: ({ params }) => found(params),
  // What was found earlier in this run, before a role changed, is no longer so.
  additions: (params) =>
    found(params).hosts.map(
      ({ host, groups }): Addition => ({
        host,
        groups,
        leaves: BY_ROLE.filter((name) => !groups.includes(name)),
      }),
    ),
})

const BY_ROLE = ['pg_primaries', 'pg_publishers', 'pg_standbys']

function found({ groups, stands, primary, new_primary, only }: Params) {
  const known = new Map(
    stands.flat().flatMap((one) => {
      const read = stand.safeParse(one).data
      return read ? [[read.host, read] as const] : []
    }),
  )
  const isIn = (host: string | undefined) => groups.some(({ members }) => members.includes(host ?? ''))
  const unsure: Record<string, string> = {}
  const former: string[] = []
  const hosts = groups.flatMap(({ publishes, ...one }) => {
    const { members } = one
    const has = (host: string | undefined) =>
      host !== undefined && members.includes(host) ? host : undefined
    const roles = haRoles(one, known, { named: has(primary), taking: has(new_primary) })
    const matters = !isIn(only) || has(only) !== undefined
    if (roles.unsure && matters)
      for (const host of members) unsure[host] = `${roles.unsure.why}. ${roles.unsure.hint}`
    former.push(...roles.former)
    return members.map((host) => ({
      host,
      groups:
        host === roles.primary ? ['pg_primaries', ...(publishes ? ['pg_publishers'] : [])] : ['pg_standbys'],
    }))
  })
  if (primary !== undefined && !isIn(primary))
    for (const { members } of groups)
      for (const host of members)
        unsure[host] = `-e primary=${primary} names no member of a pg_ha_group: ${members.join(', ')} are`
  return { hosts, unsure, former }
}
