import * as z from 'zod'
import { defineModule, type Module } from '../../contract/module.ts'
import { choice, flag, param, text } from '../../contract/params.ts'
import { READ_UNITS, serviceModule, UNIT_READS } from '../system/service/index.ts'
import { SAYS } from '../system/service/params.ts'
import { type AliasState, defineAlias, given, ignored, refusedSwitch } from './alias.ts'

const params = z
  .strictObject({
    name: param(text().optional(), 'The unit; `.service` may be left out.', {
      aliases: ['service', 'unit'],
      example: 'ssh',
      unset: 'none: `daemon_reload` or `daemon_reexec` alone',
    }),
    state: param(choice('started', 'stopped', 'restarted', 'reloaded').optional(), SAYS.state, {
      unset: 'left as it is',
    }),
    enabled: param(flag().optional(), SAYS.enabled, { unset: 'left as it is' }),
    masked: param(flag().optional(), SAYS.masked, { unset: 'left as it is' }),
    daemon_reload: param(flag().default(false), SAYS.daemon_reload, { aliases: ['daemon-reload'] }),
    scope: param(choice('system').default('system'), 'Units of users are not managed.'),
    no_block: refusedSwitch(false, 'a service that was started is looked at: leave it out'),
    daemon_reexec: param(
      flag().default(false),
      'Have systemd execute itself anew, after its own program was replaced: a change each time.',
      { aliases: ['daemon-reexec'] },
    ),
    force: ignored('a unit that is in the way is an error, and says so'),
  })
  .refine((value) => value.name !== undefined || value.daemon_reload || value.daemon_reexec, {
    error: "nothing to do: give 'name', or 'daemon_reload' or 'daemon_reexec' alone",
    path: ['name'],
  })
type Params = z.infer<typeof params>

const ofService = defineAlias<Params>({
  name: 'systemd',
  summary: '',
  of: serviceModule,
  params,
  // Without a unit nothing of it is planned: the name stands for the check of the arguments.
  to: ({ name = 'none', state, enabled, masked, daemon_reload }) =>
    given({ name, state, enabled, masked, daemon_reload: daemon_reload || name === 'none' }),
})

type State = { unit?: AliasState }

const named = (name: string, summary: string): Module<Params, State> =>
  defineModule<Params, State>({
    name,
    summary,
    params: ofService.params,
    reads: UNIT_READS,
    freeForm: 'name',
    before: ({ daemon_reload }) => (daemon_reload ? READ_UNITS : { steps: [] }),
    inspect: async (host, value) =>
      value.name === undefined ? {} : { unit: await ofService.inspect(host, value) },
    plan({ unit }, value) {
      const plan = unit ? ofService.plan(unit, value) : { changes: [], steps: [] }
      if (!value.daemon_reexec) return plan
      return {
        ...plan,
        changes: [{ path: 'systemd', before: 'running', after: 'executed anew' }, ...plan.changes],
        steps: [
          { do: 'exec', argv: ['systemctl', 'daemon-reexec'], title: 'systemctl daemon-reexec' },
          ...plan.steps,
        ],
      }
    },
    result: ({ state: { unit }, params, plan, outputs }) =>
      unit ? (ofService.result?.({ state: unit, params, plan, outputs }) ?? {}) : { name: null },
  })

const SUMMARY = "Ansible's name for service, with Ansible's arguments"
export const systemdModule = named('systemd', SUMMARY)
export const systemdServiceModule = named('systemd_service', SUMMARY)
