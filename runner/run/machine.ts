import type { Reach } from '../hosts/types.ts'
import { firstOf } from '../hosts/variables.ts'
import { isLocalhost } from '../load/inventory.ts'
import type { Vars } from '../load/types.ts'

const THIS_MACHINE = 'this machine'

/** The machine that a host is reached on: its address and port. @throws {UnknownError} where only the run will know it */
export function machineOf(name: string, vars: Vars, reach: Reach = {}): string {
  const said = (...names: string[]) => firstOf(name, vars, names)?.value
  const host = said('ansible_ssh_host', 'ansible_host')
  const kind = String(said('ansible_connection') ?? reach.connection).replace(/^ansible\.builtin\./, '')
  const isLocal = kind === 'undefined' ? host === undefined && isLocalhost(name) : kind === 'local'
  if (isLocal) return THIS_MACHINE
  return `${host ?? name}:${said('ansible_ssh_port', 'ansible_port') ?? reach.port ?? 22}`
}
