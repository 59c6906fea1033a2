import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { inventory, labState, network, postgresql, root } from './play.ts'

/** `all` of an example inventory. */
export interface Example {
  vars: Record<string, unknown>
  hosts: Record<string, Record<string, unknown>>
}

/** How the lab is reached, and where its packages are: what an example inventory leaves to its reader. */
function labVariables(): string {
  const ofLab = parse(readFileSync(join(inventory, 'group_vars/all.yaml'), 'utf8'))
  const pgdg = Object.entries(ofLab).filter(([name]) => name.startsWith('pgdg_'))
  return JSON.stringify({
    ansible_ssh_private_key_file: `${labState}/id_ed25519`,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${labState}/known_hosts`,
    ...Object.fromEntries(pgdg),
  })
}

/** The arguments that name an example of inventory/examples, with the lab's addresses and version of PostgreSQL in it. */
export function example(name: string, edit: (all: Example) => void = () => {}, as = name): string[] {
  const folder = join(labState, `example-${name}`)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${as}.yaml`)
  const text = readFileSync(join(root, `inventory/examples/${name}.yaml`), 'utf8')
  const { all } = parse(text.replaceAll('10.15.0.', `${network}.`)) as { all: Example }
  all.vars.pg_version = postgresql
  edit(all)
  writeFileSync(path, stringify({ all }))
  return ['-i', path, '-e', labVariables()]
}
