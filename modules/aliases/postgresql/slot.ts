import * as z from 'zod'
import { choice, flag, param, text } from '../../../contract/params.ts'
import { identifier, slotName } from '../../../postgres/catalog/names.ts'
import { pgSlotModule } from '../../postgres/pg-slot/index.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

export const postgresqlSlotModule = definePostgresqlAlias({
  name: 'postgresql_slot',
  summary: "Ansible's name for pg_slot, with Ansible's arguments",
  of: pgSlotModule,
  names: { type: 'slot_type', plugin: 'output_plugin', db: 'login_db', reserve_wal: 'immediately_reserve' },
  params: z.strictObject({
    ...loginParams,
    name: param(slotName, 'Name of the slot.', { aliases: ['slot_name'], example: 'vm4' }),
    slot_type: param(choice('physical', 'logical').default('physical'), 'Its kind.'),
    state: param(
      choice('present', 'absent').default('present'),
      '`absent` drops the slot, which nothing may be streaming from.',
    ),
    immediately_reserve: param(flag().default(false), 'A new physical slot holds WAL back at once.'),
    output_plugin: param(text().default('test_decoding'), 'Output plugin of a logical slot.', {
      example: 'pgoutput',
    }),
    login_db: param(identifier.default('postgres'), 'Database of a logical slot.', { aliases: ['db'] }),
  }),
  to: ({ name, state, slot_type, immediately_reserve, output_plugin, login_db }) =>
    state === 'absent'
      ? { name, state }
      : {
          name,
          type: slot_type,
          ...(slot_type === 'physical'
            ? { reserve_wal: immediately_reserve }
            : { plugin: output_plugin, db: login_db }),
        },
  result: ({ params }) => ({ name: params.name }),
})
