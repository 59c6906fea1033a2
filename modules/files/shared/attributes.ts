import type { FileStat } from '../../../contract/host.ts'
import type { Ownership } from '../../../contract/params.ts'
import type { Change } from '../../../contract/plan.ts'
import { resolveMode } from './mode.ts'

/** What of owner, group and mode differs, as changes and as the values to set; none where all is as wanted. */
export function attributeChanges(
  path: string,
  stat: FileStat,
  want: Ownership,
): { changes: Change[]; set: Ownership } {
  const changes: Change[] = []
  const set: Ownership = {}
  const differ = (name: keyof Ownership, before: string, after: string) => {
    changes.push({ path: `${path} ${name}`, before, after })
    set[name] = after
  }
  if (want.owner !== undefined && !isAccount(want.owner, stat.owner, stat.uid))
    differ('owner', stat.owner, want.owner)
  if (want.group !== undefined && !isAccount(want.group, stat.group, stat.gid))
    differ('group', stat.group, want.group)
  if (want.mode !== undefined) {
    const mode = resolveMode(want.mode, stat.mode, stat.type === 'directory')
    if (mode !== stat.mode.padStart(4, '0')) differ('mode', stat.mode, mode)
    // Changing the owner clears set-id bits, so such a mode is set again after it.
    else if ((set.owner || set.group) && /^[4-7]/.test(mode)) set.mode = mode
  }
  return { changes, set }
}

export const isAccount = (wanted: string, name: string, id: number): boolean =>
  wanted === name || wanted === String(id)

/** Says that something will be made, and with which attributes where the task names them. */
export function described(kind: string, want: Ownership): string {
  const parts = [
    want.mode,
    want.owner && want.group ? `${want.owner}:${want.group}` : (want.owner ?? want.group),
  ]
  const text = parts.filter(Boolean).join(' ')
  return text === '' ? kind : `${kind} (${text})`
}
