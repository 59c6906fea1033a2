import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, duration, hostPath, integer, nonEmpty, param, text } from '../../../contract/params.ts'
import { readScripts } from '../../../contract/read-commands.ts'
import { WAIT_FILE_SCRIPT, WAIT_PORT_SCRIPT } from './scripts.ts'

const params = z
  .strictObject({
    host: param(
      text({ expected: 'a host name or address', fits: /^[A-Za-z0-9_.:-]+$/ }).default('127.0.0.1'),
      'Name or address whose port is tried, as seen from the host.',
    ),
    port: param(integer(1, 65535).optional(), 'TCP port.', { example: 5432, unset: '`path` is waited for' }),
    path: param(hostPath().optional(), 'Path on the host, instead of a port.', {
      example: '/run/app.pid',
      unset: '`port` is waited for',
    }),
    search_regex: param(
      nonEmpty().optional(),
      'An extended regular expression that a line of the file must match.',
      { unset: 'it need only be there' },
    ),
    state: param(
      choice('started', 'present', 'stopped', 'absent').default('started'),
      '`started` or `present`: the port is open, the path there. `stopped` or `absent`: it is not.',
    ),
    timeout: param(
      duration({ min: 1, max: 86_400, whole: true }).default(300),
      'How long to wait before it fails.',
    ),
    delay: param(duration({ max: 86_400, whole: true }).default(0), 'How long before the first look.'),
    sleep: param(duration({ min: 1, max: 3600, whole: true }).default(1), 'How long between two looks.'),
    msg: param(text().optional(), 'What to say when it fails.', {
      unset: 'what was waited for, and how long',
    }),
  })
  .refine((value) => (value.port === undefined) !== (value.path === undefined), {
    error: "one of 'port' and 'path' is needed, not both",
    path: ['port'],
  })
  .refine((value) => value.search_regex === undefined || value.path !== undefined, {
    error: "search_regex goes with 'path'",
    path: ['search_regex'],
  })
type Params = z.infer<typeof params>

/** The exit code of both scripts. */
const NOT_SEEN = 3

interface State {
  waited: boolean
}

/**
 * Waits for a port or a path. Ansible's `wait_for`. It changes nothing, so it is a read: one command that looks again
 * and again on the host. Where earlier tasks only planned changes, nothing will come, and it does not wait.
 */
export const waitForModule = defineModule<Params, State>({
  name: 'wait_for',
  summary: 'Wait until a port is open or closed, or a path is there or gone',
  reads: [{ program: 'bash', first: ['-c'], scripts: [WAIT_PORT_SCRIPT] }, readScripts(WAIT_FILE_SCRIPT)],
  changesNothing: () => true,
  params,
  inspect,
  plan: (state) => ({
    changes: [],
    steps: [],
    notes: state.waited
      ? []
      : ['not waited for: what it waits for may come with changes that are only planned'],
  }),
  result: ({ params }) => ({ port: params.port, path: params.path, state: params.state }),
})

async function inspect(host: HostReader, params: Params): Promise<State> {
  if (host.planned('any')) return { waited: false }
  host.waiting()
  const { code, stderr } = await host.read([
    'timeout',
    String(params.timeout + params.delay),
    ...command(params),
  ])
  if (code === 0) return { waited: true }
  if (code === 124)
    throw new Refusal(
      params.msg ?? `after ${params.timeout} s, ${awaited(params)}`,
      'see what keeps it, or give a longer timeout',
    )
  const what = params.path ?? `${params.host}:${params.port}`
  if (code === NOT_SEEN)
    throw new Refusal(`nobody can tell whether ${what} is ${params.state}: ${stderr.trim()}`)
  throw new Refusal(
    `waiting for ${what} failed with exit code ${code}`,
    undefined,
    [stderr.trim()].filter(Boolean),
  )
}

function command(params: Params): string[] {
  const pace = [String(params.sleep), String(params.delay)]
  const there = params.state === 'started' || params.state === 'present'
  if (params.port !== undefined) {
    return [
      'bash',
      '-c',
      WAIT_PORT_SCRIPT,
      'play',
      params.host,
      String(params.port),
      there ? 'started' : 'stopped',
      ...pace,
    ]
  }
  return [
    'sh',
    '-c',
    WAIT_FILE_SCRIPT,
    'play',
    params.path!,
    there ? 'present' : 'absent',
    params.search_regex ?? '',
    ...pace,
  ]
}

function awaited(params: Params): string {
  const there = params.state === 'started' || params.state === 'present'
  if (params.port !== undefined)
    return `port ${params.port} of ${params.host} is still ${there ? 'closed' : 'open'}`
  if (params.search_regex !== undefined)
    return `${there ? 'no line' : 'a line'} of ${params.path} ${there ? 'matches' : 'still matches'} '${params.search_regex}'`
  return `${params.path} is still ${there ? 'not there' : 'there'}`
}
