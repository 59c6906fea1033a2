import * as z from 'zod'
import { only, param, scalar, text } from '../../../contract/params.ts'
import { pgConfModule } from '../../postgres/pg-conf.ts'
import { ignored } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

const shared = {
  ...loginParams,
  login_db: ignored('settings are of the whole cluster', 'db'),
}
const SUMMARY = 'with Ansible’s arguments: the setting is in conf.d/play.conf, not in postgresql.auto.conf'

export const postgresqlSetModule = definePostgresqlAlias({
  name: 'postgresql_set',
  summary: `Ansible's name for pg_conf, ${SUMMARY}`,
  of: pgConfModule,
  names: { settings: 'value' },
  params: z.strictObject({
    ...shared,
    name: param(text(), 'Name of the setting.', { example: 'work_mem' }),
    value: param(scalar(), 'Its value, or `default` to take the line out again.', { example: '64MB' }),
    reset: param(only(false, 'say the value, or `value: default`, which takes the line out'), 'Not taken.'),
  }),
  to: ({ name, value }) => ({ settings: { [name]: value === 'default' ? null : value } }),
  result: ({ params, own }) => ({ name: params.name, restart_required: own.restart_required }),
})

export const postgresqlAlterSystemModule = definePostgresqlAlias({
  name: 'postgresql_alter_system',
  summary: `Ansible's other name for pg_conf, ${SUMMARY}`,
  of: pgConfModule,
  names: { settings: 'value' },
  params: z.strictObject({
    ...shared,
    param: param(text(), 'Name of the setting.', { example: 'work_mem' }),
    value: param(scalar(), 'Its value, or `_RESET` to take the line out again.', { example: '64MB' }),
  }),
  to: ({ param: name, value }) => ({ settings: { [name]: value === '_RESET' ? null : value } }),
  result: ({ params, own }) => ({ param: params.param, restart_required: own.restart_required }),
})
