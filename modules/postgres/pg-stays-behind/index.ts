import { counted } from '../../../contract/counted.ts'
import { Refusal } from '../../../contract/errors.ts'
import { defineModule } from '../../../contract/module.ts'
import { requireServer } from '../../../postgres/cluster/cluster.ts'
import { type Params, params } from './params.ts'
import { readLeft } from './read.ts'

/** Finds what a move to another cluster by logical replication would leave behind. Changes nothing. */
export const pgStaysBehindModule = defineModule<Params, { left: string[] }>({
  name: 'pg_stays_behind',
  summary:
    'Refuses a move by logical replication that would leave something behind, with a list of it; changes nothing',
  changesNothing: () => true,
  params,
  async inspect(host, given) {
    const cluster = await requireServer(host, given)
    return { left: cluster.fresh ? [] : await readLeft(host, cluster, given) }
  },
  plan({ left }, { left_behind, db }) {
    if (left.length > 0 && left_behind === 'refuse')
      throw new Refusal(
        `logical replication of database ${db} would leave ${counted(left.length, 'thing')} behind: ${left.slice(0, 3).join('; ')}${left.length > 3 ? ', …' : ''}`,
        'Move or drop them first; pg_upgrade carries large objects and several databases. What may be lost: -e left_behind=accept.',
        left,
      )
    return { changes: [], steps: [], warnings: left.map((line) => `stays behind: ${line}`) }
  },
  result: ({ state }) => ({ left: state.left }),
})
