import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Unknown } from '../../../contract/unknown.ts'
import { PlayError } from '../../errors.ts'
import { LOOKUPS } from '../functions/lookups/index.ts'
import type { LookupContext } from '../functions/lookups/lookup.ts'
import { extendScope, type Scope } from '../scope.ts'
import { systemCode, wordsOf } from '../system-words.ts'
import { withTemplateVariables } from '../template-variables.ts'
import { vault } from '../vault/vault.ts'
import { readText } from '../yaml.ts'
import type { LookupCall } from './library.ts'
import { settingNamed } from './lookup-setting.ts'
import { jinjaFile } from './program-for.ts'
import { ValueFault } from './value.ts'

/** What `lookup` and `query` find, with the variables of whoever asks. @throws {ValueFault} {PlayError} {UnknownError} */
export function lookUp({ name, terms, named }: LookupCall, scope: Scope): readonly unknown[] {
  try {
    return LOOKUPS.get(name)!.run(terms, named, contextOf(scope))
  } catch (error) {
    throw told(error, name)
  }
}

/** An error of the operating system, or of a file, in words and with the place of the lookup. */
function told(error: unknown, name: string): unknown {
  if (error instanceof PlayError && error.code === 'file' && !error.pos)
    return new ValueFault(`the lookup ${name}: ${error.message}`, error.hint)
  const code = systemCode(error)
  if (code === undefined) return error
  const { path } = error as NodeJS.ErrnoException
  const why = wordsOf(code) ?? `cannot be used (${code})`
  return new ValueFault(
    `the lookup ${name}: ${path ?? 'a file'} ${why}`,
    code === 'EACCES' || code === 'EPERM'
      ? 'let the user read it who runs play (and write, where the lookup makes it), or name another file'
      : undefined,
  )
}

function contextOf(scope: Scope): LookupContext {
  // Ansible, Search paths: the role, then the playbook.
  const folders = [scope.role_path, scope.playbook_dir].filter((dir) => typeof dir === 'string')
  return {
    // What knows of no run is evaluated before one, or to list something.
    mayRun: scope.ansible_check_mode === false,
    variables: scope,
    searchPath: (kind) => (folders.length > 0 ? folders : ['.']).flatMap((dir) => [join(dir, kind), dir]),
    // A pipe would be waited for without an end.
    read: (path) => (statSync(path, { throwIfNoEntry: false })?.isFile() ? readText(path) : undefined),
    template: (text, path, more) =>
      jinjaFile(
        text,
        { file: resolve(path), line: 1, col: 1 },
        extendScope(withTemplateVariables(scope, path), { ...more }, true),
        folders,
      ),
    setting: settingNamed,
    unknown: (why) => new Unknown(why),
    secret: (text) => vault.tell(text),
    warn() {},
  }
}
