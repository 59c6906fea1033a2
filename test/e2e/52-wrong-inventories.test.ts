import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventory, labState, named, playJson, sqlOn } from '../support/play.ts'
import { failure, SITE } from '../support/tasks.ts'

/** Inventories that say something else than the servers are: nothing may be stopped, changed or lost. */
const scratch = mkdtempSync(join(tmpdir(), 'play-inventory-'))
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']

/** The lab's inventory with some hosts' variables replaced. */
function rewritten(name: string, change: (hosts: string) => string): string {
  const folder = join(scratch, name)
  cpSync(inventory, folder, { recursive: true })
  const vars = join(folder, 'group_vars/all.yaml')
  writeFileSync(
    vars,
    readFileSync(vars, 'utf8').replaceAll(/\{\{ inventory_dir \}\}\/[^" ]*\/play\//g, `${labState}/`),
  )
  const path = join(folder, 'hosts.yaml')
  const before = readFileSync(path, 'utf8')
  const after = change(before)
  expect(after).not.toBe(before)
  writeFileSync(path, after)
  return folder
}
const site = (folder: string, ...more: string[]) => playJson(['playbooks/site.yaml', '-i', folder, ...more])

/** When each server was started, and what it is. */
const servers = () =>
  Promise.all(HOSTS.map((host) => sqlOn(host, 'select pg_postmaster_start_time(), pg_is_in_recovery()')))
/** The same inventory entry for another host. */
const exchanged = (hosts: string) =>
  hosts
    .replace(/vm1: \{ (ansible_host: [^,]+), [^}]*\}/, 'vm1: { $1, standby_of: vm3 }')
    .replace('subscribes_to: [vm1] ', 'subscribes_to: [vm4] ')
    .replace(/vm4: \{ (ansible_host: [^,]+), [^}]*\}/, 'vm4: { $1, publishes: [test], subscribes_to: [vm2] }')
    .replace('subscribes_to: [vm1, vm2]', 'subscribes_to: [vm4, vm2]')

let before: string[]
beforeAll(async () => {
  expect((await playJson(SITE)).code).toBe(0)
  before = await servers()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('a wrong inventory is refused before anything is touched', () => {
  it('the roles of vm1 and vm4 exchanged', async () => {
    const ran = await site(rewritten('exchanged', exchanged))
    expect(failure(ran).message).toContain('is a standby, and the inventory wants a primary there')
    expect(named(ran, 'changed')).toEqual([])
    expect(await servers()).toEqual(before)
  })

  it('and past that, a server that holds data is still not made a standby: with the numbers, and what to say', async () => {
    const folder = rewritten('data', (hosts) =>
      exchanged(hosts)
        .replace(/vm4: \{[^}]*\}/, 'vm4: { pg_version: null }')
        .replaceAll(/subscribes_to: \[vm4.*?\]/g, 'subscribes_to: []'),
    )
    const ran = await playJson([
      'playbooks/configure.yaml',
      'playbooks/standby.yaml',
      '-i',
      folder,
      '--limit',
      'vm1',
    ])
    const { message, hint, details } = failure(ran)
    expect(message).toContain('/var/lib/postgresql/15/main is not replaced: it is a primary that holds data')
    expect(hint).toMatch(/^If it may be moved aside all the same, say so: `replace: "\d+"`/)
    expect(details).toMatch(
      /databases: postgres: \d+ \w+[\s\S]*it holds .*relations in database postgres[\s\S]*last write: \d{4}-/,
    )
    expect(named(ran, 'changed').filter((name) => !/password/.test(name))).toEqual([])
    expect(await servers()).toEqual(before)
  })

  it.each([
    ['a standby of itself', 'standby_of: vm4', 'vm4 is to follow itself'],
    ['a standby of nobody', 'standby_of: vm9', 'vm4 is to follow vm9, which is no host with pg_version'],
  ])('%s, before the first connection', async (name, to, said) => {
    const ran = await site(rewritten(name, (hosts) => hosts.replace('standby_of: vm3', to)))
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain(said)
    expect(ran.results).toEqual([])
  })

  it('a cycle', async () => {
    const folder = rewritten('cycle', (hosts) =>
      hosts.replace('subscribes_to: [vm1, vm2]', 'standby_of: vm4'),
    )
    const ran = await site(folder)
    expect(failure(ran).message).toMatch(
      /follows vm[34], and that leads to no primary: vm[34], vm[34] is a circle/,
    )
    expect(named(ran, 'changed')).toEqual([])
    expect(await servers()).toEqual(before)
  })
})
