import { statSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { timeNow } from './functions/date-time.ts'
import { formatLocal } from './functions/format-time.ts'
import { extendScope, type Scope } from './scope.ts'

const MANAGED = 'Ansible managed'
let managed = MANAGED

/** For a run. @param text `ansible_managed` of ansible.cfg: with {file}, {host}, {uid}, and strftime(3)'s letters for when the file was changed */
export function beginTemplates(text: string | undefined): void {
  managed = text ?? MANAGED
}

/**
 * What a template knows of itself (Ansible, ansible.builtin.template): template_path, template_fullpath, template_host,
 * template_uid, template_run_date, template_destpath, and ansible_managed, where no variable of that name is set.
 *
 * @param path of the template
 * @param asked as the task names it
 * @param dest on the host; none for lookup('template')
 */
export function withTemplateVariables(
  scope: Scope,
  path: string,
  { asked = path, dest }: { asked?: string; dest?: string } = {},
): Scope {
  const found = statSync(path, { throwIfNoEntry: false })
  const uid = userNamed(found?.uid)
  const host = hostname()
  const vars: Record<string, unknown> = {
    template_path: asked,
    template_fullpath: resolve(path),
    template_host: host,
    template_uid: uid,
    template_run_date: timeNow(false),
    ...(dest === undefined ? {} : { template_destpath: dest }),
  }
  if (!('ansible_managed' in scope)) {
    const filled = managed.replaceAll('{file}', asked).replaceAll('{host}', host).replaceAll('{uid}', uid)
    vars.ansible_managed = filled.includes('%') && found ? formatLocal(filled, found.mtime) : filled
  }
  return extendScope(scope, vars, true)
}

/** Of others the number, as Ansible has it of those without a name. */
function userNamed(uid: number | undefined): string {
  try {
    const own = userInfo()
    return uid === undefined || uid === own.uid ? own.username : String(uid)
  } catch {
    // Whoever runs this has no name either.
    return String(uid ?? process.getuid?.())
  }
}
