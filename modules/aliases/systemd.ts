import * as z from 'zod'
import type { HostReader } from '../../contract/host.ts'
import { defineModule, type Module } from '../../contract/module.ts'
import { choice, flag, param, text } from '../../contract/params.ts'
import type { Plan, Step } from '../../contract/plan.ts'
import { serviceModule } from '../system/service/index.ts'
import { type AliasState, defineAlias, given, ignored, refusedSwitch } from './alias.ts'

const params = z
  .strictObject({
    name: param(text().optional(), 'The unit; `.service` may be left out.', {
      aliases: ['service', 'unit'],
      example: 'ssh',
      unset: 'none: `daemon_reload` or `daemon_reexec` alone',
    }),
    state: param(
      choice('started', 'stopped', 'restarted', 'reloaded').optional(),
      '`started` and `stopped` act where it is not so; `restarted` and `reloaded` always.',
      { unset: 'left as it is' },
    ),
    enabled: param(flag().optional(), 'Whether it starts when the host boots.', { unset: 'left as it is' }),
    masked: param(flag().optional(), 'Whether nothing at all may start it.', { unset: 'left as it is' }),
    daemon_reload: param(
      flag().default(false),
      'Have systemd read changed unit files first, where it says that it needs that.',
      { aliases: ['daemon-reload'] },
    ),
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
  to: ({ name = 'none', state, enabled, masked, daemon_reload }) =>
    given({ name, state, enabled, masked, daemon_reload: daemon_reload || name === 'none' }),
})

type State = { unit: AliasState } | { outdated: boolean }

const named = (name: string, summary: string): Module<Params, State> =>
  defineModule<Params, State>({
    name,
    summary,
    params: ofService.params,
    reads: [{ program: 'systemctl', first: ['show'], needs: ['NeedDaemonReload'] }],
    freeForm: 'name',
    inspect: async (host, value) =>
      value.name === undefined
        ? { outdated: value.daemon_reload && (await isOutdated(host)) }
        : { unit: await ofService.inspect(host, value) },
    plan(state, value) {
      const plan = 'unit' in state ? ofService.plan(state.unit, value) : reloaded(state.outdated)
      if (!value.daemon_reexec) return plan
      return {
        ...plan,
        changes: [{ path: 'systemd', before: 'running', after: 'executed anew' }, ...plan.changes],
        steps: [ofSystemd('daemon-reexec'), ...plan.steps],
      }
    },
    result: ({ state, params, plan, outputs }) =>
      'unit' in state
        ? (ofService.result?.({ state: state.unit, params, plan, outputs }) ?? {})
        : { name: null },
  })

const ofSystemd = (verb: string): Step => ({
  do: 'exec',
  argv: ['systemctl', verb],
  title: `systemctl ${verb}`,
})

const reloaded = (outdated: boolean): Plan =>
  outdated
    ? {
        changes: [{ path: 'unit files', before: 'changed on disk', after: 'read by systemd' }],
        steps: [ofSystemd('daemon-reload')],
      }
    : { changes: [], steps: [] }

/** Whether a unit file is newer than what systemd has read (systemctl(1), NeedDaemonReload). */
async function isOutdated(host: HostReader): Promise<boolean> {
  const { stdout } = await host.read(['systemctl', 'show', '--all', '-p', 'NeedDaemonReload', '--', '*'])
  return /^NeedDaemonReload=yes$/m.test(stdout)
}

const SUMMARY = "Ansible's name for service, with Ansible's arguments"
export const systemdModule = named('systemd', SUMMARY)
export const systemdServiceModule = named('systemd_service', SUMMARY)
