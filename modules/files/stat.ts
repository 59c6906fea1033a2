import * as z from 'zod'
import type { FileStat } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, flag, hostPath, param } from '../../contract/params.ts'
import { requireKnown, statFollowed } from './shared/inspect.ts'

const params = z.strictObject({
  path: param(hostPath(), 'The path to look at.', { aliases: ['dest', 'name'], example: '/etc/motd' }),
  follow: param(flag().default(false), 'Look at what a link leads to.'),
  get_checksum: param(flag().default(true), "Give a file's SHA-256 as `checksum`."),
  checksum_algorithm: param(choice('sha256').default('sha256'), 'Only sha256.'),
})
type Params = z.infer<typeof params>

interface State {
  path: string
  stat: FileStat | null
  checksum: string | null
}

/** What is at a path, in `stat` of the registered result. Ansible's `stat`; it changes nothing. */
export const statModule = defineModule<Params, State>({
  name: 'stat',
  summary: 'Look at a file, folder or link',
  changesNothing: () => true,
  params,
  freeForm: 'path',
  async inspect(host, params) {
    const found = params.follow
      ? await statFollowed(host, params.path)
      : { path: params.path, stat: await host.stat(params.path) }
    if (!found.stat) requireKnown(host, found.path)
    const hashed = params.get_checksum && found.stat?.type === 'file'
    return { ...found, checksum: hashed ? await host.sha256(found.path) : null }
  },
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state }) => ({ stat: describe(state) }),
})

function describe({ path, stat, checksum }: State): Record<string, unknown> {
  if (!stat) return { exists: false }
  return {
    exists: true,
    path,
    isreg: stat.type === 'file',
    isdir: stat.type === 'directory',
    islnk: stat.type === 'link',
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    pw_name: stat.owner,
    gr_name: stat.group,
    size: stat.size,
    mtime: stat.mtime,
    ...(stat.target === undefined ? {} : { lnk_target: stat.target }),
    ...(checksum === null ? {} : { checksum }),
  }
}
