import { defineModule } from '../../../contract/module.ts'
import { inspectRestore, type RestoreState } from './inspect.ts'
import { type RestoreParams, restoreParams } from './params.ts'
import { planRestore } from './plan.ts'

/** A backup of `pg_backup` as a cluster of its own, beside whatever runs. It is not started here. */
export const pgRestoreBackupModule = defineModule<RestoreParams, RestoreState>({
  name: 'pg_restore_backup',
  summary: 'Restores a backup into a new cluster that cannot touch the live one',
  params: restoreParams,
  inspect: inspectRestore,
  plan: planRestore,
  result: ({ state: { backup, dataDir, port } }) => ({
    backup: backup.name,
    path: backup.path,
    system_identifier: backup.system_identifier,
    data_dir: dataDir,
    port,
  }),
})
