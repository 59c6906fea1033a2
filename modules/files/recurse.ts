import type { Change, ExecStep, HostReader, Step } from '../contract.ts'
import { attributeChanges } from './attributes.ts'
import type { Ownership } from './params.ts'

/** Something under a folder whose owner, group or mode is not as wanted. */
export interface Unlike extends Ownership {
  path: string
}

/** Everything in a folder, links aside, that differs from `want`; the folder itself not included. */
export async function inspectTree(host: HostReader, path: string, want: Ownership): Promise<Unlike[]> {
  const { stdout } = await host.read([
    'find',
    path,
    '-mindepth',
    '1',
    '!',
    '-type',
    'l',
    '-printf',
    '%y %m %u %U %g %G %p\\n',
  ])
  const unlike: Unlike[] = []
  for (const line of stdout.split('\n')) {
    const [, type, mode = '', owner = '', uid, group = '', gid, name = ''] =
      /^(\S) (\d+) (\S+) (\d+) (\S+) (\d+) (.*)$/.exec(line) ?? []
    if (type === undefined) continue
    const stat = {
      type: type === 'd' ? ('directory' as const) : ('file' as const),
      mode: mode.padStart(4, '0'),
      owner,
      group,
      uid: Number(uid),
      gid: Number(gid),
      size: 0,
      mtime: 0,
    }
    const { changes, set } = attributeChanges(name, stat, want)
    if (changes.length > 0) unlike.push({ path: name, ...set })
  }
  return unlike
}

/** One change for the tree, and the steps that set what differs in it. */
export function planTree(
  path: string,
  unlike: readonly Unlike[],
  want: Ownership,
): { changes: Change[]; steps: Step[] } {
  if (unlike.length === 0) return { changes: [], steps: [] }
  const shown = unlike.slice(0, 5).map((one) => one.path)
  const rest = unlike.length - shown.length
  const change: Change = {
    path: `${path} contents`,
    before: `${unlike.length} unlike: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
    after: [want.owner, want.group, want.mode].filter((one) => one !== undefined).join(' '),
  }
  const owner = want.group === undefined ? want.owner : `${want.owner ?? ''}:${want.group}`
  const steps: ExecStep[] = []
  // chown clears set-id bits, so the mode comes second.
  if (owner !== undefined)
    steps.push({
      do: 'exec',
      argv: ['chown', '-R', '-h', owner, '--', path],
      title: `owner of all in ${path}`,
    })
  if (want.mode !== undefined)
    steps.push({ do: 'exec', argv: ['chmod', '-R', '--', want.mode, path], title: `mode of all in ${path}` })
  return { changes: [change], steps }
}
