import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Module } from '../../../contract/module.ts'
import { anything, integer, mapping, param, secret, text } from '../../../contract/params.ts'
import type { SqlStep } from '../../../contract/plan.ts'
import { textList } from '../../../contract/text-list.ts'
import { clusterAt } from '../../../postgres/cluster/at.ts'
import type { Asking, ClusterParams } from '../../../postgres/cluster/meant.ts'
import { type AliasState, defineAlias, ignored, refused, unlessBlank } from '../alias.ts'

/** Names with commas between, or a list of them. */
export const names = <T extends z.ZodType>(item: T, { min = 0 } = {}) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? textList(value) : value),
    z.array(item, { error: 'expected a list, or names with commas between' }).min(min),
  )

const SOCKET = 'play goes through the socket of the server itself, as its owner'

/** The arguments that all modules of community.postgresql have. */
export const loginParams = {
  login_user: param(
    unlessBlank(
      text({
        expected: "postgres: the cluster's owner does it; who shall own what is made, `owner` says",
        fits: /^postgres$/,
        takes: 'postgres',
      }),
    ),
    `Only postgres: ${SOCKET}.`,
    { aliases: ['login'], unset: 'the same', example: 'postgres' },
  ),
  login_password: param(
    secret({ expected: 'a password in quotes', fits: /^/ }).nullish(),
    `Taken, and of no effect: ${SOCKET}, which asks for none.`,
    { unset: 'the same' },
  ),
  login_host: param(
    unlessBlank(text()),
    'Empty, `localhost`, the name of the host itself, or the folder of a socket. A server elsewhere is reached by running the task there.',
    { aliases: ['host'], unset: 'the host', example: 'localhost' },
  ),
  login_unix_socket: param(unlessBlank(text()), 'Folder of the socket of the cluster that is meant.', {
    aliases: ['unix_socket'],
    unset: 'any',
    example: '/var/run/postgresql',
  }),
  login_port: param(integer(1, 65_535).optional(), 'Port of the cluster that is meant.', {
    aliases: ['port'],
    unset: 'the only cluster of the host',
    example: 5432,
  }),
  ssl_mode: ignored(SOCKET),
  ca_cert: ignored(SOCKET, 'ssl_rootcert'),
  ssl_cert: ignored(SOCKET),
  ssl_key: ignored(SOCKET),
  connect_params: param(
    mapping(text(), anything())
      .refine((value) => Object.keys(value).length === 0, {
        error: `expected none: ${SOCKET}; settings of a session go into the query (SET), or to pg_setting`,
      })
      .optional(),
    `Not taken: ${SOCKET}.`,
    { unset: 'as it must be' },
  ),
  trust_input: ignored('identifiers are quoted, and values travel apart, always'),
  session_role: refused("the cluster's owner does it; who shall own what is made, `owner` says"),
  comment: refused('say it with postgresql_query: COMMENT ON …'),
}

export interface Login {
  login_host?: string
  login_unix_socket?: string
  login_port?: number
}

const LOCAL = ['localhost', '127.0.0.1', '::1']

/** The cluster that a task of Ansible's means, by how it would have been reached. @throws {Refusal} */
export async function clusterOf(
  host: HostReader,
  login: Login,
  asking?: Asking,
): Promise<Required<ClusterParams>> {
  const { login_host: name, login_port: port, login_unix_socket: folder } = login
  const isFolder = name?.startsWith('/')
  if (name !== undefined && !isFolder && !LOCAL.includes(name) && name !== host.name)
    throw new Refusal(
      `login_host is ${name}, and this task is done on ${host.name}`,
      `play reaches a server on its own host: say \`hosts:\` or \`delegate_to: ${name}\`, and leave \`login_host\` out.`,
    )
  return clusterAt(host, port, folder ?? (isFolder ? name : undefined), asking)
}

type Args = Record<string, unknown>
type Options<Params> = Omit<Parameters<typeof defineAlias<Params>>[0], 'found' | 'group'> & {
  /** What only the cluster can tell, beside itself. */
  more?: (host: HostReader, params: Params, where: Required<ClusterParams>) => Promise<Args | (Args | null)[]>
}

/** A module of community.postgresql: the cluster is found by its port or socket, and `queries` says what is sent. */
export function definePostgresqlAlias<Params extends Login>(
  options: Options<Params>,
): Module<Params, AliasState> {
  const { more, result, ...alias } = options
  return defineAlias<Params>({
    ...alias,
    group: 'postgresql',
    async found(host, value) {
      const where = await clusterOf(host, value)
      const extra = await more?.(host, value, where)
      return Array.isArray(extra)
        ? extra.map((one) => (one === null ? null : { ...where, ...one }))
        : { ...where, ...extra }
    },
    result: (context) => ({
      ...(result?.(context) ?? context.own),
      queries: context.plan.steps
        .filter((step): step is SqlStep => step.do === 'sql' && !step.sensitive)
        .map((step) => step.text),
    }),
  })
}
