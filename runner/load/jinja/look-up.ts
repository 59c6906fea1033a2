import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Unknown } from '../../../contract/unknown.ts'
import { LOOKUPS } from '../functions/lookups/index.ts'
import type { LookupContext } from '../functions/lookups/lookup.ts'
import { extendScope, type Scope } from '../scope.ts'
import { vault } from '../vault/vault.ts'
import { readText } from '../yaml.ts'
import type { LookupCall } from './library.ts'
import { jinjaFile } from './program-for.ts'

/** What `lookup` and `query` find, with the variables of whoever asks. @throws {ValueFault} {PlayError} {UnknownError} */
export function lookUp({ name, terms, named }: LookupCall, scope: Scope): readonly unknown[] {
  return LOOKUPS.get(name)!.run(terms, named, contextOf(scope))
}

function contextOf(scope: Scope): LookupContext {
  // Ansible, Search paths: the role, then the playbook.
  const folders = [scope.role_path, scope.playbook_dir].filter((dir) => typeof dir === 'string')
  return {
    isCheck: scope.ansible_check_mode === true,
    variables: scope,
    searchPath: (kind) => (folders.length > 0 ? folders : ['.']).flatMap((dir) => [join(dir, kind), dir]),
    // A pipe would be waited for without an end.
    read: (path) => (statSync(path, { throwIfNoEntry: false })?.isFile() ? readText(path) : undefined),
    template: (text, path, more) =>
      jinjaFile(
        text,
        { file: resolve(path), line: 1, col: 1 },
        extendScope(scope, { ...more }, true),
        folders,
      ),
    setting: () => undefined,
    unknown: (why) => new Unknown(why),
    secret: (text) => vault.tell(text),
    warn() {},
  }
}
