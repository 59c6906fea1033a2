import { counted } from '../../../contract/counted.ts'
import { Refusal } from '../../../contract/errors.ts'
import { defineModule } from '../../../contract/module.ts'
import { requireCluster, requireServer } from '../../../postgres/cluster/cluster.ts'
import { type Params, params } from './params.ts'
import { readLeft } from './read.ts'
import { settingsLeft } from './settings.ts'

/** Finds what a move to another cluster by logical replication would leave behind. Changes nothing. */
export const pgStaysBehindModule = defineModule<Params, { left: string[] }>({
  name: 'pg_stays_behind',
  summary:
    'Refuses a move by logical replication that would leave something behind, with a list of it; changes nothing',
  changesNothing: () => true,
  params,
  async inspect(host, given) {
    const cluster = await requireServer(host, given)
    const other = given.into && (await requireCluster(host, given.into))
    const [left, settings] = await Promise.all([
      cluster.fresh ? [] : readLeft(host, cluster, given),
      other ? settingsLeft(host, cluster, other) : [],
    ])
    return { left: [...left, ...settings] }
  },
  plan({ left }, { left_behind, db }) {
    if (left.length > 0 && left_behind === 'refuse')
      throw new Refusal(
        `logical replication of database ${db} would leave ${counted(left.length, 'thing')} behind: ${left.slice(0, 3).join('; ')}${left.length > 3 ? ', …' : ''}`,
        'Move or drop it first, and say settings in pg_settings; pg_upgrade carries large objects and several databases. What may be lost: -e left_behind=accept.',
        left,
      )
    return { changes: [], steps: [], warnings: left.map((line) => `stays behind: ${line}`) }
  },
  result: ({ state }) => ({ left: state.left }),
})
