import { accessSync, constants } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Options } from '../cli.ts'
import type { MAGIC } from '../load/magic.ts'

/** The Ansible whose language is spoken: the one whose answers are recorded in test/oracle. */
const ANSIBLE = { major: 2, minor: 19, revision: 11 }

/** The magic variables that are the same for all hosts of a run. */
export function magicOfRun(options: Options): Partial<Record<keyof typeof MAGIC, unknown>> {
  const { diff, forks, verbosity, limit, tags, skipTags, inventory, settings } = options
  const version = Object.values(ANSIBLE).join('.')
  const python = pythonOf(process.env.PATH ?? '')
  return {
    ansible_version: { string: version, full: version, ...ANSIBLE },
    ansible_diff_mode: diff,
    ansible_forks: forks,
    ansible_verbosity: verbosity,
    ...(limit === undefined ? {} : { ansible_limit: limit }),
    ansible_run_tags: tags.length > 0 ? tags : ['all'],
    ansible_skip_tags: skipTags,
    ansible_inventory_sources: inventory.map((source) => (source.includes(',') ? source : resolve(source))),
    ansible_config_file: settings.files.find(({ is }) => is === 'ansible.cfg')?.at ?? null,
    ...(python === undefined ? {} : { ansible_playbook_python: python }),
  }
}

const pythonOf = (path: string): string | undefined =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(resolve(folder), 'python3'))
    .find(isProgram)

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
