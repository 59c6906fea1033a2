import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parse, stringify } from 'yaml'
import { failures } from './converged.ts'
import { inventory, labState, named, network, type Played, play, playJson } from './play.ts'

const own = parse(readFileSync(join(inventory, 'group_vars/all.yaml'), 'utf8'))
const PACKAGES = Object.fromEntries(Object.entries(own).filter(([name]) => name.startsWith('pgdg_')))
export const address = (host: string) => `${network}.1${host.slice(2)}`
/** An application that may log in. */
export const APP = { user: 'app', password: 'of-the-lab-only', dbname: 'shop' }
const SERVING = {
  pg_roles: [{ name: APP.user, login: true, password: APP.password }],
  pg_databases: [{ name: APP.dbname, owner: APP.user }],
  pg_hba_rules: [
    {
      type: 'host',
      database: APP.dbname,
      user: APP.user,
      address: `${network}.0/24`,
      method: 'scram-sha-256',
    },
  ],
}

/** An inventory whose `members` are a pg_ha_group; its path. */
export function written(name: string, hosts: object, group: object, members: object): string {
  const folder = join(labState, `group-${name}`)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'hosts.yaml')
  const vars = {
    ansible_user: 'admin',
    ansible_ssh_private_key_file: `${labState}/id_ed25519`,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${labState}/known_hosts`,
    ...PACKAGES,
    pg_version: 15,
    pg_replication_password: 'an-example-only',
    pg_tables: own.pg_tables.slice(0, 1),
  }
  const children = { shop_servers: { vars: { pg_ha_group: 'shop', ...SERVING, ...group }, hosts: members } }
  writeFileSync(path, stringify({ all: { vars, hosts, children } }))
  return path
}
export const at = (...hosts: string[]) =>
  Object.fromEntries(hosts.map((host) => [host, { ansible_host: address(host) }]))

export const run = (playbook: string, on: string, ...more: string[]): Promise<Played> =>
  playJson([`playbooks/${playbook}.yaml`, '-i', on, ...more])
export const statuses = (played: Played) =>
  played.results.map(({ task, host, item, status }) => `${task} | ${host} | ${item} | ${status}`).sort()
export async function done(playbook: string, on: string, ...more: string[]): Promise<Played> {
  const played = await run(playbook, on, ...more)
  expect(failures(played)).toEqual([])
  return played
}
export async function nothingToChange(on: string): Promise<void> {
  expect(named(await done('site', on), 'changed')).toEqual([])
  const { code, stdout } = await play(['status', '-i', on])
  expect([code, stdout.match(/(differs|warning|danger) .*/g)]).toEqual([0, null])
}
