import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { command, eventually, inventory, onHost, play, type Ran, root, sqlOn } from '../support/play.ts'

const STATUS = ['status', '-i', inventory]
const status = (...args: string[]): Promise<Ran> => play([...STATUS, ...args])

/** Waits until the topology is as the inventory wants it. */
const isWell = (): Promise<void> =>
  eventually('the topology to be as wanted', async () => {
    const { code, stdout } = await status()
    return code === 0 || stdout
  })

/** Waits until every text is said, with exit code 2. */
async function isSaid(texts: string[], ...args: string[]): Promise<string> {
  let seen = ''
  await eventually(`play status to say ${texts.join(' and ')}`, async () => {
    const { code, stdout } = await status(...args)
    seen = stdout
    return (code === 2 && texts.every((text) => stdout.includes(text))) || `exit ${code}: ${stdout}`
  })
  return seen
}

const STOP = 'systemctl stop postgresql@15-main'
const START = 'systemctl start postgresql@15-main'

describe('play status', () => {
  beforeAll(async () => {
    const site = await play(['playbooks/site.yaml', '-i', inventory])
    expect(site.stdout + site.stderr).toContain('failed=0')
    expect(site.code).toBe(0)
    await isWell()
  })

  it('shows the topology, and says that it is as the inventory wants it', async () => {
    const { stdout, stderr, code } = await status()
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^CLUSTER +ROLE +VERSION +UPSTREAM +SLOT +LAG +STATE$/m)
    expect(stdout).toMatch(/^vm1 15\/main +primary +15\.\d+ +running$/m)
    expect(stdout).toMatch(/^ {2}publication test_pub +test2$/m)
    expect(stdout).toMatch(/^ {2}subscription from_vm2 +vm2 +vm3_from_vm2 +\S+ k?B, \S+ s +ready$/m)
    expect(stdout).toMatch(/^vm4 15\/main +standby +15\.\d+ +vm3 +vm4 +\S+ k?B, \S+ s +streaming$/m)
    expect(stdout).toContain('4 clusters, as the inventory wants them')
  })

  it('answers with one object, without secrets, for the hosts of --limit alone', async () => {
    const { stdout, code } = await status('--output', 'json', '--limit', 'vm4')
    expect(code).toBe(0)
    expect(stdout).not.toContain('lab-only-replication-secret')
    const { exit_code, clusters } = JSON.parse(stdout)
    expect(exit_code).toBe(0)
    expect(clusters).toHaveLength(1)
    expect(clusters[0]).toMatchObject({
      host: 'vm4',
      cluster: '15/main',
      found: { role: 'standby', upstream: 'vm3', slot: 'vm4', streaming: true, replay_paused: false },
      wanted: { role: 'standby', upstream: 'vm3', slot: 'vm4' },
      findings: [],
    })
    expect(clusters[0].found.lag_bytes).toBeTypeOf('number')
  })

  it('--watch prints one table after another until Ctrl-C, then ends with what it saw last', async () => {
    const child = spawn(process.execPath, [join(root, 'dist/play.js'), ...STATUS, '--watch', '1'], {
      cwd: root,
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    let said = ''
    child.stdout.on('data', (part) => {
      said += part
    })
    await eventually(
      'two tables',
      async () => (said.match(/as the inventory wants/g)?.length ?? 0) >= 2 || said,
    )
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })
})

/** Breaks something, looks, and makes it whole again whatever was seen. */
async function whileBroken(
  breakIt: () => Promise<unknown>,
  look: () => Promise<void>,
  repair: () => Promise<unknown>,
): Promise<void> {
  try {
    await breakIt()
    await look()
  } finally {
    await repair()
  }
  await isWell()
}

describe('play status names', () => {
  it('a subscription that is disabled, and the slot that holds WAL back for it', () =>
    whileBroken(
      () => sqlOn('vm3', 'alter subscription from_vm1 disable'),
      async () => {
        const said = await isSaid([
          'vm3: subscription from_vm1 is disabled',
          'vm1: slot vm3_from_vm1, through which vm3 streams, is inactive, and holds ',
        ])
        expect(said).toMatch(/subscription from_vm1 .*disabled → ready$/m)
      },
      () => sqlOn('vm3', 'alter subscription from_vm1 enable'),
    ))

  it('a slot that nobody will come back for, and one that was dropped', () =>
    whileBroken(
      async () => {
        await sqlOn('vm1', "select pg_create_physical_replication_slot('left_behind', true)")
        await onHost('vm4', STOP)
        const slots = "from pg_replication_slots where slot_name = 'vm4'"
        await eventually('vm4 to leave its slot', async () => {
          return (await sqlOn('vm3', `select active ${slots}`)) === 'f'
        })
        await sqlOn('vm3', `select pg_drop_replication_slot(slot_name) ${slots}`)
      },
      async () => {
        await isSaid([
          'warning  vm1: slot left_behind, which is not in the inventory, is inactive, and holds ',
          'vm3: slot vm4, through which vm4 streams, is not there',
          'vm4: cluster 15/main is not running',
        ])
      },
      async () => {
        await sqlOn('vm1', "select pg_drop_replication_slot('left_behind')")
        await sqlOn('vm3', "select pg_create_physical_replication_slot('vm4', true)")
        await onHost('vm4', START)
      },
    ))

  it('a subscriber that is stopped, by what it leaves on its publishers and its standby, too', () =>
    whileBroken(
      () => onHost('vm3', STOP),
      async () => {
        const said = await isSaid([
          'vm1: slot vm3_from_vm1, through which vm3 streams, is inactive',
          'vm2: slot vm3_from_vm2, through which vm3 streams, is inactive',
          'vm3: cluster 15/main is not running',
          'vm4: it does not stream from its primary',
        ])
        expect(said).toMatch(/^vm3 15\/main .*stopped → running$/m)
      },
      () => onHost('vm3', START),
    ))

  it('replay that is paused', () =>
    whileBroken(
      () => sqlOn('vm4', 'select pg_wal_replay_pause()'),
      async () => {
        expect(await isSaid(['warning  vm4: replay is paused'])).toMatch(/replay paused → streaming$/m)
      },
      () => sqlOn('vm4', 'select pg_wal_replay_resume()'),
    ))

  const DATA = '/var/lib/postgresql/15/main'
  it('a standby that was promoted, with the subscriptions that would take its primary’s slots', () =>
    whileBroken(
      async () => {
        await onHost('vm4', `${STOP} && cp -a ${DATA} ${DATA}.kept && ${START}`)
        await sqlOn('vm4', 'select pg_promote()')
      },
      async () => {
        const said = await isSaid([
          'vm4: it is a primary, and the inventory wants a standby of vm3',
          'vm4: subscription from_vm1 to vm1 in database postgres is not in the inventory',
          'vm3: slot vm4, through which vm4 streams, is inactive',
        ])
        expect(said).toMatch(
          /^vm4 15\/main +primary → standby .* none → vm3 +none → vm4 .*running → streaming$/m,
        )
      },
      () =>
        onHost(
          'vm4',
          `test -d ${DATA}.kept && ${STOP} && rm -rf ${DATA} && mv ${DATA}.kept ${DATA}; ${START}`,
        ),
    ))

  it('a publication that is missing, and a table in one that has no replica identity', () =>
    whileBroken(
      async () => {
        await sqlOn('vm2', 'drop publication test_pub')
        await sqlOn('vm1', 'create table odd (id int)')
        await sqlOn('vm1', 'alter publication test_pub add table odd')
      },
      async () => {
        const said = await isSaid([
          'vm2: publication test_pub is not in database postgres',
          'vm1: publication test_pub holds public.odd, public.test, not public.test',
          'warning  vm1: publication test_pub holds public.odd without a replica identity',
          '2 differences and 1 warning on 2 of 4 clusters',
        ])
        expect(said).toMatch(/publication test_pub +missing → test2$/m)
      },
      async () => {
        await sqlOn('vm1', 'drop table odd')
        await sqlOn('vm2', 'create publication test_pub for table test2')
      },
    ))

  it('a host that cannot be reached, as a line of the table', () => {
    const net = async (what: string) => {
      expect((await command(['lab/lab', 'net', 'vm2', what])).code).toBe(0)
    }
    return whileBroken(
      () => net('cut'),
      async () => {
        const said = await isSaid(['vm2: ', 'did not answer within 2 s'], '--timeout', '2')
        expect(said).toMatch(/^vm2 15\/main +\? → primary .*unreachable → running$/m)
      },
      () => net('heal'),
    )
  })
})
