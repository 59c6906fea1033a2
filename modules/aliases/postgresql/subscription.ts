import * as z from 'zod'
import { anything, choice, mapping, param, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { pgSubscriptionModule } from '../../postgres/pg-subscription/index.ts'
import { given, ignored, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams, names } from './login.ts'

/** Options of CREATE SUBSCRIPTION that pg_subscription has under the same names. */
const SAME = [
  'enabled',
  'copy_data',
  'slot_name',
  'synchronous_commit',
  'binary',
  'streaming',
  'two_phase',
  'disable_on_error',
  'origin',
  'password_required',
  'run_as_owner',
  'failover',
]

const params = z
  .strictObject({
    ...loginParams,
    name: param(identifier, 'Name of the subscription.', { example: 'from_vm1' }),
    login_db: param(identifier, 'Database that receives the rows.', { aliases: ['db'], example: 'app' }),
    state: param(
      choice('present', 'absent', 'refresh').default('present'),
      '`absent` drops the subscription, and its slot on the publisher if that can be reached. `refresh` is not taken.',
    ),
    publications: param(names(identifier).optional(), 'Exactly the publications it subscribes to.', {
      unset: 'needed with `state: present`',
      example: ['test_pub'],
    }),
    connparams: param(
      mapping(text(), text()).optional(),
      'How this server reaches the publisher: keywords of libpq, without a password; see pg_passfile.',
      {
        unset: 'needed with `state: present`',
        example: { host: '10.15.0.11', dbname: 'app', user: 'replicator' },
      },
    ),
    subsparams: param(
      mapping(text(), anything()).default({}),
      `${SAME.join(', ')}, as in CREATE SUBSCRIPTION.`,
      { example: { copy_data: false } },
    ),
    owner: param(unlessBlank(identifier), 'Role that owns it.', {
      unset: 'left as it is; postgres for a new one',
    }),
    cascade: ignored('nothing in a database depends on a subscription'),
  })
  .superRefine(({ state, subsparams }, context) => {
    const problem = (message: string, ...path: string[]) =>
      context.addIssue({ code: 'custom', message, path })
    if (state === 'refresh')
      problem(
        'expected present or absent, but found refresh: pg_subscription refreshes with `refresh: always`',
        'state',
      )
    for (const [name, value] of Object.entries(subsparams)) {
      // What is so anyway: a slot is made, and the publisher is asked.
      const isUsual = ['create_slot', 'connect'].includes(name) && /^(true|yes|on|1)$/i.test(String(value))
      if (!SAME.includes(name) && !isUsual)
        problem(`expected ${SAME.join(', ')}, but found ${name}: ${String(value)}`, 'subsparams', name)
    }
  })
type Params = z.infer<typeof params>

export const postgresqlSubscriptionModule = definePostgresqlAlias<Params>({
  name: 'postgresql_subscription',
  summary: "Ansible's name for pg_subscription, with Ansible's arguments",
  of: pgSubscriptionModule,
  names: {
    db: 'login_db',
    connection: 'connparams',
    ...Object.fromEntries(SAME.map((one) => [one, 'subsparams'])),
  },
  params,
  to: ({ name, login_db, state, publications, connparams, subsparams, owner }) =>
    state === 'absent'
      ? { name, db: login_db, state }
      : given({
          name,
          db: login_db,
          publications,
          connection: connparams,
          owner,
          ...Object.fromEntries(Object.entries(subsparams).filter(([one]) => SAME.includes(one))),
        }),
  result: ({ params: { name, state } }) => ({ name, exists: state !== 'absent' }),
})
