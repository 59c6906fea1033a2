import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isMapping, readYaml } from '../../runner/load/yaml.ts'

/** The files of Ansible's in a folder. Paths are absolute. */
export interface Content {
  /** Files that hold plays. */
  playbooks: string[]
  /** Folders with tasks/main.yml or meta/main.yml. */
  roles: string[]
  /** Files of tasks: of roles, and others. */
  tasks: string[]
  /** Of roles: variables, and what they are. */
  others: string[]
}

const SKIPPED = ['.git', '.github', 'node_modules', 'venv', '.venv']

export function findContent(folder: string): Content {
  const files = filesBelow(folder).filter((path) => /\.ya?ml$/.test(path))
  const roles = [
    ...new Set(
      files.filter((path) => /\/(tasks|meta)\/main\.ya?ml$/.test(path)).map((path) => dirname(dirname(path))),
    ),
  ]
  const content: Content = { playbooks: [], roles, tasks: [], others: [] }
  for (const file of files) {
    const part = partOf(file)
    if (part === 'tasks' || part === 'handlers') content.tasks.push(file)
    else if (
      roles.some((role) => ['vars', 'defaults', 'meta'].some((one) => file.startsWith(join(role, one))))
    )
      content.others.push(file)
    else if (isPlaybook(file)) content.playbooks.push(file)
    else if (looksLikeTasks(file)) content.tasks.push(file)
  }
  return content
}

/** `tasks` of /role/tasks/sub/x.yml. */
export function partOf(file: string): string | undefined {
  const parts = dirname(file).split('/')
  return parts.findLast((part) =>
    ['tasks', 'handlers', 'vars', 'defaults', 'meta', 'files', 'templates'].includes(part),
  )
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.includes(entry.name) ? [] : filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

/** By its text where it is no YAML. */
const isPlaybook = (file: string): boolean =>
  rootOf(file)?.some(
    (one) => isMapping(one) && ('hosts' in one || keysOf(one).includes('import_playbook')),
  ) ?? /^- (hosts|name: .*\n {2}hosts):/m.test(readFileSync(file, 'utf8'))

const looksLikeTasks = (file: string): boolean => {
  const root = rootOf(file) ?? []
  const isTask = (one: unknown) =>
    isMapping(one) && (keysOf(one).includes('block') || keysOf(one).some((key) => TASK_KEYS.test(key)))
  return (
    root.length > 0 &&
    root.every(isTask) &&
    !['requirements', 'platforms'].includes(basename(file).split('.')[0]!)
  )
}

const TASK_KEYS =
  /^(include_tasks|import_tasks|include_role|import_role|shell|command|copy|template|file|package|apt|debug|set_fact|assert|service|systemd|ansible\..*|community\..*)$/

const keysOf = (one: Record<string, unknown>): string[] =>
  Object.keys(one).map((key) => key.replace(/^ansible\.(builtin|legacy)\./, ''))

function rootOf(file: string): unknown[] | undefined {
  try {
    const { value } = readYaml(file)
    return Array.isArray(value) ? value : value === null ? [] : []
  } catch {
    return undefined
  }
}
