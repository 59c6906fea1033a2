import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { choice, flag, hostPath, list, param, text } from '../../../contract/params.ts'
import { clusterAt } from '../../../postgres/cluster/at.ts'
import { TYPES } from '../../../postgres/hba/rule.ts'
import { pgHbaModule } from '../../postgres/pg-hba/index.ts'
import { defineAlias, given, ignored, refused, unlessBlank } from '../alias.ts'
import { names } from './login.ts'

const optional = (description: string, unset: string, ...aliases: string[]) =>
  param(unlessBlank(text()), description, { unset, ...(aliases.length > 0 ? { aliases } : {}) })

const OPTION = /(?<![^\s=])[^\s=]+=(?:"[^"]*"|\S*)/g
const options = text({
  expected: '`name=value`, with blanks between',
  fits: (value) => value.replace(OPTION, '').trim() === '',
})

/** `map=admins krb_realm="A B"` */
const readOptions = (value: string) =>
  Object.fromEntries(
    (value.match(OPTION) ?? []).map((one) => {
      const at = one.indexOf('=')
      return [one.slice(0, at), one.slice(at + 1).replace(/^"(.*)"$/, '$1')]
    }),
  )

const rule = {
  contype: param(choice(...TYPES).optional(), 'Kind of connection.', { unset: 'needed', example: 'host' }),
  databases: param(names(text()).default(['all']), 'Databases, with commas between.', {
    aliases: ['database'],
    example: 'app',
  }),
  users: param(names(text()).default(['all']), 'Roles, with commas between.', {
    aliases: ['user'],
    example: 'app',
  }),
  address: optional('Network, address, host name, all, samehost or samenet.', 'samehost', 'source', 'src'),
  netmask: optional('Mask of the address.', 'that of the address'),
  method: param(text().optional(), 'Authentication method.', {
    unset: 'md5; with `state: absent` any',
    example: 'scram-sha-256',
  }),
  options: param(unlessBlank(options), 'Options of the method: `name=value`, with blanks between.', {
    unset: 'none',
    example: 'map=admins',
  }),
  comment: optional('Written behind the rule when it is added.', 'none'),
  state: param(choice('present', 'absent').default('present'), 'Whether the rule shall be in the file.'),
}
const ruleParams = z.strictObject(rule)
type Rule = z.infer<typeof ruleParams>

const SPECIFIC = Object.keys(rule)

const params = z
  .strictObject({
    dest: param(hostPath(), 'pg_hba.conf of a cluster of the host.', {
      aliases: ['path'],
      example: '/etc/postgresql/15/main/pg_hba.conf',
    }),
    ...rule,
    rules: param(list(ruleParams).optional(), 'Several rules, each with the arguments of one.', {
      unset: 'the one that the other arguments say',
    }),
    rules_behavior: param(
      choice('conflict', 'combine').default('conflict'),
      'Only `conflict`: with `rules`, each says all of its own.',
    ),
    overwrite: param(flag().default(false), 'Remove all other rules.'),
    sort_rules: ignored('a new rule goes before the first one that would catch its connections'),
    order: ignored('a new rule goes before the first one that would catch its connections'),
    keep_comments_at_rules: ignored('comments stay where they are'),
    backup: ignored('the file that was there is kept under /var/backups/play'),
    backup_file: ignored('the file that was there is kept under /var/backups/play'),
    create: ignored('a cluster has the file'),
    owner: refused('the file keeps its owner; the module file changes it'),
    group: refused('the file keeps its group; the module file changes it'),
    mode: refused('the file keeps its mode; the module file changes it'),
  })
  .superRefine((value, context) => {
    const problem = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path })
    const { rules, contype, rules_behavior } = value
    if (rules === undefined && contype === undefined) problem('expected contype, or rules', 'contype')
    if (rules !== undefined && contype !== undefined) problem('expected either contype or rules', 'contype')
    if (rules_behavior === 'combine') problem('expected conflict: say each rule whole', 'rules_behavior')
    for (const [at, one] of (rules ?? []).entries())
      if (one.contype === undefined) problem('expected contype', 'rules', at)
    if (rules && new Set(rules.map(({ state }) => state)).size > 1)
      problem('expected rules of one state: those to remove are a task of their own', 'rules')
    if (value.overwrite && rulesOf(value).some(({ state }) => state === 'absent'))
      problem('expected false with state: absent', 'overwrite')
  })
type Params = z.infer<typeof params>

const rulesOf = (value: Params): Rule[] =>
  value.rules ?? [
    Object.fromEntries(SPECIFIC.map((name) => [name, value[name as keyof Params]])) as unknown as Rule,
  ]

/** A rule that is to go is named by its connections alone, as there, unless the task says its method. */
const written = ({
  contype,
  databases,
  users,
  address,
  netmask,
  state,
  method = state === 'absent' ? undefined : 'md5',
  options: text,
  comment,
}: Rule) =>
  given({
    type: contype,
    database: databases,
    user: users,
    address:
      contype === 'local'
        ? undefined
        : netmask === undefined
          ? (address ?? 'samehost')
          : `${address ?? 'samehost'} ${netmask}`,
    method,
    options: text === undefined || method === undefined ? undefined : readOptions(text),
    comment,
  })

/** Where Debian has the file (pg_createcluster(1)). */
const PLACE = /^\/etc\/postgresql\/([^/]+)\/([^/]+)\/pg_hba\.conf$/

export const postgresqlPgHbaModule = defineAlias<Params>({
  name: 'postgresql_pg_hba',
  summary: "Ansible's name for pg_hba, with Ansible's arguments; the server reads the file at once",
  of: pgHbaModule,
  group: 'postgresql',
  params,
  to: (value) => {
    const rules = rulesOf(value)
    return { rules: rules.map(written), state: rules[0]?.state ?? 'present', exclusive: value.overwrite }
  },
  async found(host, { dest }) {
    const [, version, cluster] = PLACE.exec(dest) ?? []
    if (version !== undefined && cluster !== undefined) return { version, cluster }
    const only = await clusterAt(host, undefined, undefined)
    throw new Refusal(
      `${dest} is not where a cluster of ${host.name} has its rules`,
      `Say \`dest: /etc/postgresql/${only.version}/${only.cluster}/pg_hba.conf\`.`,
    )
  },
})
