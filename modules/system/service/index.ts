import { predict } from '../../../contract/facts.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Plan } from '../../../contract/plan.ts'
import type { ReadCommand } from '../../../contract/read-commands.ts'
import { unknown } from '../../../contract/unknown.ts'
import { BENEATH, inspect } from './inspect.ts'
import { type Params, params } from './params.ts'
import { plan, startsAtBoot } from './plan.ts'
import { type ServiceState, unitsReadKey } from './state.ts'

/** What inspecting a unit runs. */
export const UNIT_READS: readonly ReadCommand[] = [{ program: 'systemctl', first: ['is-enabled'] }]

/** systemd reads all its unit files, generators run: what it said before may be otherwise. */
export const READ_UNITS: Pick<Plan, 'steps' | 'predicts'> = {
  steps: [{ do: 'exec', argv: ['systemctl', 'daemon-reload'], title: 'systemctl daemon-reload' }],
  predicts: [predict(unitsReadKey(), true)],
}

/** Services of systemd. Ansible's `service` and `systemd`. */
export const serviceModule = defineModule<Params, ServiceState>({
  name: 'service',
  summary: 'Start, stop, restart, reload, enable or mask a systemd service',
  params,
  reads: UNIT_READS,
  before: ({ daemon_reload }) => (daemon_reload ? READ_UNITS : { steps: [] }),
  inspect,
  plan,
  result: ({ params, state }) => ({
    name: params.name,
    state: params.state ?? state.active,
    enabled: params.enabled ?? (state.file === undefined ? unknown(BENEATH) : startsAtBoot(state)),
  }),
})
