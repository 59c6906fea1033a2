import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { failures } from '../support/converged.ts'
import { buildForeign, foreignState } from '../support/foreign.ts'
import {
  buildForeignStandby,
  buildForeignSubscriber,
  furnishForeign,
  HOUSE,
} from '../support/foreign-followers.ts'
import { lab } from '../support/guests.ts'
import { labState, named, network, play, playJson } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'

/** A fleet that somebody else made: a primary and publisher, its standby, and a subscriber beside that on one machine. */
const folder = join(labState, 'adopt')
const address = (host: string) => `${network}.1${host.slice(2)}`
const FLEET = {
  vm1: { ansible_host: address('vm1') },
  vm2: { ansible_host: address('vm2') },
  mart: { ansible_host: address('vm2'), pg_cluster: 'sub' },
}

/** An inventory that says how to reach the hosts, and no more. */
function inventoryOf(hosts: Record<string, object>, more: object = {}): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'group_vars'), { recursive: true })
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ all: { hosts } }))
  const login = {
    ansible_user: 'admin',
    ansible_ssh_private_key_file: `${labState}/id_ed25519`,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${labState}/known_hosts`,
  }
  writeFileSync(join(folder, 'group_vars/all.yaml'), stringify({ ...login, ...more }))
}
const adopt = (...more: string[]) => play(['adopt', '-i', folder, ...more])
const site = (...more: string[]) => playJson(['playbooks/site.yaml', '-i', folder, ...more])
const written = (host: string) => readFileSync(join(folder, 'host_vars', `${host}.yaml`), 'utf8')

async function nothingToChange(...more: string[]): Promise<void> {
  const check = await site('--check', ...more)
  expect(failures(check)).toEqual([])
  expect(named(check, 'changed')).toEqual([])
}

let before: string
beforeAll(async () => {
  await lab('reset', 'vm1', 'vm2')
  await buildForeign('vm1')
  await furnishForeign('vm1')
  await buildForeignStandby('vm2', address('vm1'))
  await buildForeignSubscriber('vm2', address('vm1'))
  before = await foreignState('vm1')
}, 900_000)
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await lab('reset')
  expect((await playJson(SITE)).code).toBe(0)
})

describe('a fleet that somebody else made', () => {
  it('has two clusters on one machine: which is meant has to be said', async () => {
    inventoryOf({ vm2: FLEET.vm2 })
    const { code, stdout, stderr } = await adopt()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/there are several clusters on vm2: 15\/prod, 15\/sub/)
    expect(stderr).toMatch(/-e pg_version=15 -e pg_cluster=prod, or -e pg_version=15 -e pg_cluster=sub/)
    expect((await adopt('-e', 'pg_cluster=prod')).stderr).toMatch(
      /standby of .*, which is no host of the inventory/,
    )
  })

  it('is adopted with nothing but its addresses, and the check after it plans nothing', async () => {
    inventoryOf({ ...FLEET, vm2: { ...FLEET.vm2, pg_cluster: 'prod' } })
    const shown = await adopt('-l', 'vm1,mart')
    expect(shown.code).toBe(0)
    expect(shown.stdout.match(/^---$/gm)).toHaveLength(2)
    const { code, stdout } = await adopt('--write')
    expect(code).toBe(0)
    expect(stdout.match(/^written: /gm)).toHaveLength(3)
    expect(statSync(join(folder, 'host_vars/vm1.yaml')).mode & 0o777).toBe(0o644)
    await nothingToChange()
    for (const host of Object.keys(FLEET)) await nothingToChange('--limit', host)
    const again = await adopt('--write', '-l', 'vm1')
    expect(again.code).toBe(4)
    expect(again.stderr).toMatch(/vm1\.yaml is there already, and is not overwritten/)
  })

  it('with all that somebody has set, and without a secret', async () => {
    expect(written('vm1')).toMatch(/pg_tablespaces:\n {2}- \{ name: nvme, location: \/srv\/disks\/nvme, /)
    expect(written('vm1')).toMatch(/idle_in_transaction_session_timeout: 90min[\s\S]*max_connections: 150/)
    expect(written('vm1')).toMatch(/pg_publications:[\s\S]*name: house,[\s\S]*name: whole, schemas:/)
    expect(written('vm1')).toMatch(
      /# Line \d+ of .*pg_hba.conf is left out: its option ldapbindpasswd is a secret/,
    )
    expect(written('vm2')).toMatch(/standby_of: vm1[\s\S]*pg_replication: keep[\s\S]*pg_slot_host: by_hand/)
    expect(written('mart')).toMatch(
      /name: mart_house, publisher: vm1, publications: \[ house \], slot: mart_1/,
    )
    expect(written('mart')).toMatch(/# Subscription asleep .* is disabled/)
    for (const host of Object.keys(FLEET))
      expect(written(host)).not.toMatch(
        /bind-secret|archive-secret|shop-app-secret|house-repl-secret|SCRAM-SHA/,
      )
  })

  it('and nothing on it is another than before, after a run too', async () => {
    const run = await site()
    expect(failures(run)).toEqual([])
    expect(named(run, 'changed')).toEqual([])
    expect(await foreignState('vm1')).toBe(before)
  })

  it('its standby is play’s once that is said, and is adopted as such', async () => {
    const secrets = { pg_replication_user: HOUSE.user, pg_replication_password: HOUSE.password }
    const cluster = { ...FLEET, vm2: { ...FLEET.vm2, pg_cluster: 'prod' } }
    inventoryOf(cluster, secrets)
    expect((await adopt('--write')).code).toBe(0)
    const file = join(folder, 'host_vars/vm2.yaml')
    writeFileSync(file, written('vm2').replace(/^pg_replication: keep\n/m, ''))
    expect(failures(await site())).toEqual([])
    await nothingToChange()
    inventoryOf(cluster, secrets)
    expect((await adopt('--write')).code).toBe(0)
    expect(written('vm2')).not.toMatch(/^pg_replication:/m)
    expect(written('mart')).toMatch(/^pg_replication: keep/m)
    await nothingToChange()
  })
})
