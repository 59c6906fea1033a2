import * as z from 'zod'
import { choice, duration, flag, param, text } from '../../../contract/params.ts'

/** What is said of arguments that `systemd` has too. */
export const SAYS = {
  state:
    '`started` and `stopped` act where it is not so; `restarted` and `reloaded` always. The task fails, with what systemd says, where nothing runs a moment after a start or reload: a condition of the unit file is not met, or the program has ended. A service of `Type=oneshot` may have ended.',
  enabled:
    'Whether it starts when the host boots. What is enabled until the next boot alone (`enabled-runtime`) is not.',
  masked: 'Whether nothing at all may start it; a mask until the next boot alone is none.',
  daemon_reload:
    'Have systemd read its unit files before anything else is done; no change of its own. A check leaves it to the run.',
}

export const params = z
  .strictObject({
    name: param(
      text({ expected: 'the name of a systemd unit', fits: /^[A-Za-z0-9][A-Za-z0-9:_.@\\-]*$/ }),
      'The unit; `.service` may be left out.',
      { aliases: ['service', 'unit'], example: 'ssh' },
    ),
    state: param(choice('started', 'stopped', 'restarted', 'reloaded').optional(), SAYS.state, {
      unset: 'left as it is',
    }),
    enabled: param(flag().optional(), SAYS.enabled, { unset: 'left as it is' }),
    sleep: param(
      duration({ max: 3600, whole: true }).optional(),
      'With `restarted`: how long to wait between its stop and its start.',
      { unset: 'systemd restarts it' },
    ),
    use: param(
      choice('auto', 'systemd', 'service').default('auto'),
      'Taken, and of no effect: systemd does it.',
    ),
    masked: param(flag().optional(), SAYS.masked, { unset: 'left as it is' }),
    daemon_reload: param(flag().default(false), SAYS.daemon_reload),
  })
  .refine(
    (value) =>
      value.state !== undefined ||
      value.enabled !== undefined ||
      value.masked !== undefined ||
      value.daemon_reload,
    {
      error: "nothing to do: give 'state', 'enabled', 'masked' or 'daemon_reload'",
      path: ['state'],
    },
  )
  .refine((value) => !/@(\.\w+)?$/.test(value.name), {
    error: ({ input }) => {
      const { name } = input as { name: string }
      return `'${name}' is a template: name an instance of it, such as '${name.replace('@', '@main')}'`
    },
    path: ['name'],
  })
export type Params = z.infer<typeof params>
