import * as z from 'zod'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { duration, flag, param, text } from '../../contract/params.ts'

const params = z
  .strictObject({
    seconds: param(duration().optional(), 'How long.', {
      example: 10,
      unset: '`minutes`, or until Enter is pressed',
    }),
    minutes: param(duration().optional(), 'How long, in minutes.', { unset: '`seconds`' }),
    prompt: param(text().optional(), 'What to show meanwhile, or what to ask for.', {
      example: 'Look at the servers, then press Enter',
      unset: 'that Enter goes on',
    }),
    echo: param(flag().default(true), 'Whether what is typed is shown.'),
  })
  .refine((value) => value.seconds === undefined || value.minutes === undefined, {
    error: "one of 'seconds' and 'minutes', not both",
    path: ['minutes'],
  })
type Params = z.infer<typeof params>

interface State {
  /** Seconds that were waited for; undefined where Enter was. */
  seconds?: number
  typed: string
  note?: string
}

/** Waits on the machine that play runs on, once for all hosts. Ansible's `pause`. */
export const pauseModule = defineModule<Params, State>({
  name: 'pause',
  summary: 'Wait a while, or until somebody presses Enter',
  changesNothing: () => true,
  oncePerPlay: true,
  params,
  inspect,
  plan: ({ note }) => ({ changes: [], steps: [], notes: note === undefined ? [] : [note] }),
  result: ({ state: { seconds, typed }, params }) => ({
    user_input: typed,
    echo: params.echo,
    rc: 0,
    stdout: seconds === undefined ? '' : `Paused for ${seconds} seconds`,
  }),
})

async function inspect(host: HostReader, params: Params): Promise<State> {
  if (host.planned('any'))
    return {
      typed: '',
      note: 'not waited: what is to happen meanwhile may come with changes that are only planned',
    }
  host.waiting()
  const seconds = params.seconds ?? (params.minutes === undefined ? undefined : params.minutes * 60)
  if (seconds !== undefined) {
    await host.controller.pause(seconds)
    return { seconds, typed: '', note: params.prompt }
  }
  const typed = await host.controller.ask(
    `${params.prompt ?? 'Press Enter to go on, Ctrl-C to stop'}: `,
    params.echo,
  )
  return typed === null
    ? { typed: '', note: 'not waited: there is no terminal to press Enter on' }
    : { typed }
}
