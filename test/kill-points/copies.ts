import { failures } from '../support/converged.ts'
import { onGuest } from '../support/guests.ts'
import type { Bench, Scenario } from './scenario.ts'

const BACKUPS = '/var/backups/postgresql'

/** What is on the disk of whoever keeps the backups; each line is a fault. */
async function notABackup({ operator }: Bench): Promise<string[]> {
  const { primary, standby } = await operator.arrangement()
  const names = (await onGuest(standby, `ls -A ${BACKUPS}/${primary}`)).split('\n')
  const faults = names.filter((name) => !/^\d+$/.test(name)).map((name) => `${BACKUPS}/${name} is no backup`)
  const newest = (await onGuest(standby, `ls -A ${BACKUPS}/${primary}/${names.at(-1)}`)).split('\n').join(' ')
  if (newest !== 'backup.json contents.json data') faults.push(`the newest backup holds ${newest}`)
  return faults
}

const noBackups = async ({ operator }: Bench): Promise<void> => {
  await onGuest((await operator.arrangement()).standby, `rm -rf ${BACKUPS}`)
}

const backup: Scenario = {
  name: 'backup',
  every: 1,
  copies: true,
  end: noBackups,
  async prepare(bench) {
    await noBackups(bench)
    const { inventory, primary } = await bench.operator.arrangement()
    return { playbook: 'backup', args: ['-i', inventory], primary }
  },
  async after(bench) {
    return [
      ...(await notABackup(bench)),
      ...failures(await bench.operator.run('restore', (await bench.operator.arrangement()).inventory)),
    ]
  },
}

const restore: Scenario = {
  name: 'restore',
  every: 1,
  async begin(bench) {
    await noBackups(bench)
    await bench.operator.mustRun('backup', (await bench.operator.arrangement()).inventory)
  },
  end: noBackups,
  async prepare({ operator }) {
    const { inventory, primary } = await operator.arrangement()
    return { playbook: 'restore', args: ['-i', inventory], primary }
  },
}

export const copies: Scenario[] = [backup, restore]
