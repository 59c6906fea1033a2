import { Refusal } from '../../../contract/errors.ts'
import type { FileStat } from '../../../contract/host.ts'
import type { Plan } from '../../../contract/plan.ts'

/** The plan that makes `path` a symbolic link to `target`. Pure. @throws {Refusal} where something else is in the way. */
export function planLink(
  path: string,
  stat: FileStat | null,
  want: { target: string; force: boolean; targetExists: boolean },
): Plan {
  if (stat?.type === 'link' && stat.target === want.target) return { changes: [], steps: [] }
  if (!want.targetExists && !want.force) {
    throw new Refusal(
      `what ${path} is to point to, ${want.target}, does not exist`,
      'make it first, or say force: true',
    )
  }
  const link = { do: 'link' as const, path, target: want.target }
  const after = `link to ${want.target}`
  if (!stat) return { changes: [{ path, before: null, after }], steps: [link] }
  if (stat.type === 'link')
    return { changes: [{ path, before: `link to ${stat.target ?? ''}`, after }], steps: [link] }
  if (stat.type === 'directory')
    throw new Refusal(`${path} is a folder, and no link takes its place`, 'remove or move it first')
  if (!want.force)
    throw new Refusal(`${path} is there and no link`, 'say force: true to put the link in its place')
  return {
    changes: [{ path, before: stat.type, after, destructive: true }],
    steps: [{ do: 'remove', path }, link],
  }
}
