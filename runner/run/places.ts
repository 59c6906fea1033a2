import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Task } from '../load/types.ts'

export type Kind = 'files' | 'templates' | 'vars'

/**
 * Where a relative name is looked up, first to last: in files/ or templates/ beside the task's file and the playbook,
 * beside them (Ansible's places), then in files/ or templates/ beside the playbook's folder.
 */
export function lookupPlaces(path: string, dirs: readonly string[], kind: Kind): string[] {
  if (isAbsolute(path)) return [path]
  const folders = [
    ...dirs.flatMap((dir) => [join(dir, kind), dir]),
    ...dirs.map((dir) => join(dirname(dir), kind)),
  ]
  return [...new Set(folders.map((folder) => resolve(folder, path)))]
}

/** The folders of a task: of its role, of its file and of the playbook (Ansible, Search paths in Ansible). */
export const foldersOf = ({ role, dir }: Pick<Task, 'role' | 'dir'>, playDir: string): string[] => [
  ...(role ? [role.path] : []),
  dir,
  playDir,
]
