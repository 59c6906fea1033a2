import { isLocalhost } from '../localhost.ts'

const SSH = ['ssh', 'smart', 'paramiko', 'paramiko_ssh']

/**
 * How a host is connected to, by Ansible's names: where nobody says it, by ssh, but for this machine under a name of its own.
 * @param said by `ansible_connection`, else by the keyword
 * @param address by `ansible_host`
 * @returns 'local', 'ssh', or what is said where it is neither
 */
export function connectionKind(name: string, said: unknown, address: unknown): string {
  if (said === undefined) return address === undefined && isLocalhost(name) ? 'local' : 'ssh'
  const kind = String(said).replace(/^ansible\.builtin\./, '')
  return SSH.includes(kind) ? 'ssh' : kind
}
