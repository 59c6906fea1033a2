import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The inventory's word on which cluster serves: what a user writes into group_vars after a switch. -e would have the last
 * one, over what a playbook finds. @returns play's arguments, behind those that name the inventory
 */
export function serving(cluster: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'play-serving-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'hosts.yaml'), 'all: { hosts: { vm1: {} } }\n')
  mkdirSync(join(folder, 'group_vars'))
  writeFileSync(join(folder, 'group_vars/all.yaml'), `pg_cluster: ${cluster}\n`)
  return ['-i', folder]
}

/** Shell text that drops a cluster where there is one. Debian's own program leaves what it does not know in conf.d. */
export const dropped = (cluster: string): string =>
  `[ ! -e /etc/postgresql/15/${cluster}/postgresql.conf ] || pg_dropcluster --stop 15 ${cluster} && rm -rf /etc/postgresql/15/${cluster}`
