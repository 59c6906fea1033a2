import { withoutLineEnds } from '../../../contract/ends.ts'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import { matchesGlob } from '../../../contract/glob.ts'
import type { HostReader } from '../../../contract/host.ts'
import { flag, hostPath, param, text } from '../../../contract/params.ts'
import type { ExecStep, Plan, StepOutput } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { unknown } from '../../../contract/unknown.ts'
import { plannedPackages, requireKnown, statFollowed } from '../../files/shared/inspect.ts'

/** What `command` and `shell` have in common. */
export const runParams = {
  creates: param(
    hostPath().optional(),
    'A path; where it is there already, the command is not run. Its last part may hold `*` and `?`.',
    { example: '/etc/app/done', unset: 'it is always run' },
  ),
  removes: param(
    hostPath().optional(),
    'A path; where it is not there, the command is not run. Its last part may hold `*` and `?`.',
    { unset: 'it is always run' },
  ),
  chdir: param(hostPath().optional(), 'Folder to run in.', { unset: 'the home folder of the user' }),
  stdin: param(text().optional(), "Given to the command's standard input.", { unset: 'nothing' }),
  stdin_add_newline: param(flag().default(true), 'End `stdin` with a line end.'),
  strip_empty_ends: param(flag().default(true), 'Take the line ends off the end of stdout and stderr.'),
}
export interface RunParams {
  creates?: string
  removes?: string
  chdir?: string
  stdin?: string
  stdin_add_newline: boolean
  strip_empty_ends: boolean
}

/** What stands beside the words of the command as `name=value`, as in Ansible. */
export const PAIRS = [
  'creates',
  'removes',
  'chdir',
  'executable',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
]

/** Why it need not run; undefined where it must. */
export interface RunState {
  skip?: string
}

export const readsNothing = (args: Readonly<Record<string, unknown>>): boolean =>
  !['creates', 'removes', 'chdir'].some((name) => name in args)

/** Looks at `creates`, `removes` and `chdir`. */
export async function inspectRun(host: HostReader, params: RunParams): Promise<RunState> {
  const { creates, removes } = params
  if (creates !== undefined && (await anyThere(host, creates)))
    return { skip: `skipped, since ${creates} exists` }
  if (removes !== undefined && !(await anyThere(host, removes)))
    return { skip: `skipped, since ${removes} does not exist` }
  if (params.chdir !== undefined) await requireFolder(host, params.chdir)
  return {}
}

/** @param shown the command as the user wrote it */
export function planRun(state: RunState, params: RunParams, argv: readonly string[], shown: string): Plan {
  if (state.skip !== undefined) return { changes: [], steps: [], notes: [state.skip] }
  const step: ExecStep = { do: 'exec', argv, ok: 'any', mayCut: true, title: shown }
  if (params.chdir !== undefined) step.cwd = params.chdir
  if (params.stdin !== undefined)
    step.stdin = params.stdin + (params.stdin_add_newline && !params.stdin.endsWith('\n') ? '\n' : '')
  return { changes: [{ path: 'command', before: null, after: shown }], steps: [step], ...predicted(params) }
}

/** `creates` and `removes` say what the command does to a path: all that can be known of it beforehand. */
function predicted({ creates, removes }: RunParams): Pick<Plan, 'predicts'> {
  const isPath = (path: string | undefined): path is string => path !== undefined && !/[*?]/.test(path)
  const predicts = [
    ...(isPath(creates) ? [predict(fileKey(creates), { type: 'file' })] : []),
    ...(isPath(removes) ? [predict(fileKey(removes), null)] : []),
  ]
  return predicts.length > 0 ? { predicts } : {}
}

/** Ansible's fields: cmd, rc, stdout, stderr, their lines, delta in seconds; failed and msg where rc is not 0. */
export function runResult(
  state: RunState,
  params: RunParams,
  cmd: string | readonly string[],
  outputs: StepOutput[] | null,
) {
  if (state.skip !== undefined) {
    return {
      cmd,
      rc: 0,
      stdout: state.skip,
      stderr: '',
      stdout_lines: [state.skip],
      stderr_lines: [],
      delta: 0,
      msg: state.skip,
    }
  }
  const output = outputs?.[0]
  if (!output) {
    const why = unknown('the command has not run')
    return { cmd, rc: why, stdout: why, stderr: why, stdout_lines: why, stderr_lines: why, delta: why }
  }
  const strip = (text: string) => (params.strip_empty_ends ? withoutLineEnds(text) : text)
  const [stdout, stderr] = [strip(output.stdout), strip(output.stderr)]
  const fields = {
    cmd,
    rc: output.code,
    stdout,
    stderr,
    stdout_lines: lines(stdout),
    stderr_lines: lines(stderr),
    delta: output.seconds,
    ...cutFields(output.cut),
  }
  return output.code === 0 ? fields : { ...fields, failed: true, msg: `non-zero return code ${output.code}` }
}

/** How many bytes are not in the text, of the streams where there are any. */
const cutFields = (cut: StepOutput['cut']) => ({
  ...(cut?.stdout ? { stdout_cut: cut.stdout } : {}),
  ...(cut?.stderr ? { stderr_cut: cut.stderr } : {}),
})

const lines = (text: string): string[] => (text === '' ? [] : text.split(/\r?\n/))

async function anyThere(host: HostReader, path: string): Promise<boolean> {
  const slash = path.lastIndexOf('/')
  const last = path.slice(slash + 1)
  const isThere = /[*?]/.test(last)
    ? ((await host.list(path.slice(0, slash) || '/')) ?? []).some((name) => matchesGlob(last, name))
    : (await host.stat(path)) !== null
  if (!isThere) requireKnown(host, path)
  return isThere
}

async function requireFolder(host: HostReader, path: string): Promise<void> {
  const { stat } = await statFollowed(host, path)
  if (stat?.type === 'directory' || (!stat && plannedPackages(host).length > 0)) return
  throw new Refusal(
    `there is no folder ${path} to run the command in`,
    'make it first, or give another chdir',
  )
}
