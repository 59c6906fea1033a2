import { otherWay } from '../support/arrangement.ts'
import { failures } from '../support/converged.ts'
import { endReceiver, onGuest, sqlOnGuest } from '../support/guests.ts'
import { FAILOVER, type Operator, REJOIN } from '../support/operator.ts'
import { eventually } from '../support/play.ts'
import type { Bench, Run, Scenario } from './scenario.ts'

const SERVER = 'postgresql@15-main'

const switchover: Scenario = {
  name: 'switchover',
  every: 1,
  async prepare({ operator }) {
    const { inventory, standby } = await operator.arrangement()
    return {
      playbook: 'switchover',
      args: ['-i', inventory, '-e', `new_primary=${standby}`],
      primary: standby,
    }
  },
}

/** A failover after `lose` has taken the primary away, up to the rejoin. */
const failoverAfter = (
  name: string,
  every: number,
  lose: (operator: Operator, primary: string, standby: string) => Promise<void>,
) =>
  ({
    name,
    every,
    async prepare({ operator }) {
      const { inventory, primary, standby } = await operator.arrangement()
      await lose(operator, primary, standby)
      return {
        playbook: 'failover',
        args: ['-i', inventory, '-e', `new_primary=${standby}`, ...FAILOVER],
        primary: standby,
      }
    },
    async after({ operator }) {
      await operator.repairMachines()
      return failures(await operator.rejoin(await operator.look())).map((line) => `rejoin: ${line}`)
    },
  }) satisfies Scenario

const failover = failoverAfter('failover', 1, async (_, primary) => {
  await onGuest(primary, `systemctl stop ${SERVER}`)
})

const failoverDark = failoverAfter('failover-dark', 4, (operator, primary) => operator.power(primary))

/** What the primary had confirmed to its publisher is not on the standby: the tables are copied anew. */
const recopy: Scenario = {
  ...failoverAfter('failover-recopy', 2, async (operator, primary, standby) => {
    await operator.cut(primary, standby)
    const at = await sqlOnGuest('vm1', 'select pg_current_wal_lsn()')
    const confirmed = `select confirmed_flush_lsn > '${at}'::pg_lsn + 20000 from pg_replication_slots
      where slot_name = '${primary}_from_vm1'`
    await eventually('the primary to confirm what its standby lacks', async () => {
      return (await sqlOnGuest('vm1', confirmed)) === 't'
    })
    await endReceiver(standby)
    await onGuest(primary, `systemctl kill -s KILL ${SERVER}`)
    await operator.repairMachines()
  }),
}

/** A former primary that was cut off in the middle of its work, and runs again. */
const rejoinBy = (name: string, every: number, ...more: string[]): Scenario => ({
  name,
  every,
  copies: more.length > 0,
  async prepare({ operator }: Bench): Promise<Run> {
    const before = await operator.arrangement()
    await onGuest(before.primary, `systemctl kill -s KILL ${SERVER}`)
    await operator.mustRun('failover', before.inventory, '-e', `new_primary=${before.standby}`, ...FAILOVER)
    await onGuest(before.primary, `systemctl start ${SERVER} || true`)
    const args = ['-i', otherWay(before).inventory, '-e', `host=${before.primary}`, ...REJOIN, ...more]
    return { playbook: 'rejoin', args, primary: before.standby }
  },
})

export const roleChanges: Scenario[] = [
  switchover,
  failover,
  failoverDark,
  recopy,
  rejoinBy('rejoin', 1),
  rejoinBy('rejoin-copy', 2, '-e', 'method=copy'),
]
