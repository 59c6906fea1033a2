import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What the inventory says besides: what a user writes into group_vars after a switch. -e would have the last word, over what
 * a playbook finds. @returns play's arguments, behind those that name the inventory
 */
export function saying(variables: Record<string, unknown>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'play-saying-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'hosts.yaml'), 'all: { hosts: { vm1: {} } }\n')
  mkdirSync(join(folder, 'group_vars'))
  writeFileSync(join(folder, 'group_vars/all.yaml'), JSON.stringify(variables))
  return ['-i', folder]
}

/** Which cluster serves. */
export const serving = (cluster: string): string[] => saying({ pg_cluster: cluster })

/** Shell text that drops a cluster where there is one. Debian's own program leaves what it does not know in conf.d. */
export const dropped = (cluster: string): string =>
  `[ ! -e /etc/postgresql/15/${cluster}/postgresql.conf ] || pg_dropcluster --stop 15 ${cluster} && rm -rf /etc/postgresql/15/${cluster}`
