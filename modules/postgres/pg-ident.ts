import * as z from 'zod'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { list, text } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'
import { majorOf } from '../../postgres/catalog/version.ts'
import { requireCluster } from '../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { parseIdent, sameMap, writeMap } from '../../postgres/hba/ident.ts'
import { logicalLines, textOfLines } from '../../postgres/hba/lines.ts'
import { readIdent } from '../../postgres/hba/read.ts'
import {
  type HbaState,
  identFile,
  isUnread,
  predictHba,
  readHbaFact,
  reloadSteps,
  writeSteps,
} from './pg-hba/server.ts'

const word = text({
  expected: 'a word as pg_ident.conf has it, in quotes where it needs them',
  fits: /^[^\r\n\0]+$/,
})

const mapParams = z
  .strictObject({
    map: word.meta({ description: 'Name by which the option `map` of a rule means it.', example: 'house' }),
    system_user: word.meta({
      description:
        'Name in the operating system or the certificate. One that begins with `/` is a regular expression.',
      example: 'bob',
    }),
    database_user: word.meta({ description: 'Role as which that one may log in.', example: 'shop' }),
  })
  .refine((line) => {
    // With a line behind it, which a backslash would join.
    const { maps } = parseIdent(`${writeMap(line)}\nbehind a b\n`, 18)
    return maps.length === 2 && sameMap(maps[0]!, line)
  }, 'each of the three is one word, in quotes where it holds a blank, a comma, a quote or #; no backslash ends it')

const params = z.strictObject({
  ...clusterParams,
  maps: list(mapParams).meta({
    description: 'Lines to have. Others stay; all lines with the name of a map count, in whatever order.',
    example: [{ map: 'house', system_user: 'bob', database_user: 'shop' }],
  }),
})
type Params = z.output<typeof params>

interface State extends HbaState {
  text: string
  unread: boolean
}

/** Maps of user names (21.2), which rules of pg_hba.conf name. */
export const pgIdentModule = defineModule<Params, State>({
  name: 'pg_ident',
  summary: 'Lines of pg_ident.conf: whom of the system a rule with a map lets in as which role',
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await requireCluster(host, given)
    const [{ path, text }, fact] = await Promise.all([
      readIdent(host, cluster),
      readHbaFact(host, cluster, identFile),
    ])
    return { cluster, path, text, fact, unread: isUnread(host, { cluster, path, fact }) }
  },
  plan(state, { maps }): Plan {
    const { cluster, path, text, unread } = state
    const version = majorOf(cluster)
    const there = parseIdent(text, version).maps
    const missing = maps.filter(
      (one, at) =>
        !there.some((line) => sameMap(line, one)) && !maps.slice(0, at).some((line) => sameMap(line, one)),
    )
    if (missing.length === 0 && !(unread && cluster.running && !cluster.notReady))
      return { changes: [], steps: [] }
    if (missing.length === 0)
      return {
        changes: [
          {
            path: `maps of ${path} in force`,
            before: 'read before the file was last written',
            after: 'as in the file',
          },
        ],
        steps: reloadSteps(state),
        predicts: predictHba(state, identFile),
      }
    const added = missing.map((line) => ({ raw: writeMap(line) }))
    const after = textOfLines([...logicalLines(text, version), ...added])
    return {
      changes: [{ path, before: text, after, text: true }],
      steps: writeSteps(state, after, version >= 15 ? identFile.verify : NOTHING),
      predicts: predictHba(state, identFile),
    }
  },
  result: ({ state, plan: { changes } }) => ({
    path: state.path,
    reload: changes.length > 0 && state.cluster.running,
  }),
})

/** Before 15 the server tells its log alone. */
const NOTHING = 'select where false'
