import { lab, onGuest, sqlOnGuest } from '../support/guests.ts'
import { inventory } from '../support/play.ts'
import { BEGINNINGS, type Beginning, prepare } from './hosts.ts'
import type { Scenario } from './scenario.ts'

/** Something to copy, so that a copy can be cut in its middle. */
const BULK = `create table if not exists bulk as
  select id, md5(id::text) as note from generate_series(1, 200000) id`

/** Everything, on hosts without a package. Nobody writes before there are tables. */
const site: Scenario = {
  name: 'site',
  every: 10,
  async prepare({ clients, operator }) {
    await clients.stop()
    clients.forget()
    await lab('reset')
    await operator.repairMachines()
    return { playbook: 'site', args: ['-i', inventory], primary: 'vm3' }
  },
}

const standby = (beginning: Beginning): Scenario => ({
  name: `standby-${beginning}`,
  every: 1,
  copies: true,
  begin: bulk,
  end: noBulk,
  async prepare({ operator }) {
    const now = await operator.arrangement()
    await prepare(beginning, now)
    return { playbook: 'standby', args: ['-i', now.inventory], primary: now.primary }
  },
})

const addStandby: Scenario = {
  name: 'add-standby',
  every: 2,
  copies: true,
  begin: bulk,
  end: noBulk,
  async prepare({ operator }) {
    const now = await operator.arrangement()
    await operator.mustRun('remove-host', now.inventory, '-e', `host=${now.standby}`)
    await prepare('bare', now)
    await onGuest(now.standby, 'rm -rf /etc/postgresql-common/tls')
    return {
      playbook: 'add-standby',
      args: ['-i', now.inventory, '--limit', now.standby],
      primary: now.primary,
    }
  },
}

async function bulk({ operator }: Parameters<NonNullable<Scenario['begin']>>[0]): Promise<void> {
  await sqlOnGuest((await operator.arrangement()).primary, BULK)
}
async function noBulk({ operator }: Parameters<NonNullable<Scenario['begin']>>[0]): Promise<void> {
  await sqlOnGuest((await operator.arrangement()).primary, 'drop table if exists bulk')
}

export const building: Scenario[] = [
  site,
  ...(Object.keys(BEGINNINGS) as Beginning[]).map(standby),
  addStandby,
]
