import { defineModule } from '../../../contract/module.ts'
import { readScripts } from '../../../contract/read-commands.ts'
import { nextName } from '../../../postgres/backup/folder.ts'
import { inspect, type State } from './inspect.ts'
import { type Params, params } from './params.ts'
import { isYoung, plan } from './plan.ts'
import { SOURCE_SCRIPT } from './source-script.ts'

/** A base backup with a manifest, verified before it counts (pg_basebackup(1), pg_verifybackup(1)). */
export const pgBackupModule = defineModule<Params, State>({
  name: 'pg_backup',
  summary: 'Takes a base backup of a server, verifies it, and keeps the last few',
  reads: [readScripts(SOURCE_SCRIPT)],
  params,
  inspect,
  plan,
  result({ state, params: given, plan: { changes } }) {
    const { backups, names, source } = state
    const name = isYoung(state, given) ? backups.at(-1)!.name : nextName(backups, names)
    const removed = changes
      .filter(({ after }) => after === null)
      .map(({ path }) => path.slice('backup '.length))
    return {
      name,
      path: `${given.folder}/${name}`,
      data_dir: `${given.folder}/${name}/data`,
      system_identifier: source.reachable ? source.systemIdentifier : null,
      removed,
    }
  },
})
