import { Refusal } from '../../contract/errors.ts'
import type { DpkgPackage, Group, Process, Unit, User } from '../../contract/host.ts'
import type { Looks } from '../hosts/types.ts'
import { textOf } from './files/read.ts'

/** What a host says of itself, to one operating-system user (the login user when left out). */
export class HostReads {
  constructor(
    readonly connection: Looks,
    readonly as: string | undefined,
  ) {}

  /** Seconds since the epoch, by its own clock. */
  async now(): Promise<number> {
    return Number((await this.connection.look('now', '', this.as)).slice(2))
  }

  /** What dpkg knows of packages of these names; nothing where there is no dpkg. @throws {Refusal} where that cannot be read */
  async packages(names: readonly string[] | 'all'): Promise<DpkgPackage[]> {
    const asked = names === 'all' ? '*' : names.join(' ')
    const answer = await this.connection.look('packages', asked, this.as)
    if (answer.startsWith('!'))
      throw new Refusal(`cannot read the status of dpkg: ${textOf(answer.slice(2))}`)
    if (!answer.startsWith('= ') || answer === '= ') return []
    return answer
      .slice(2)
      .split('/')
      .map((line) => {
        const [name, architecture, want, status, version] = line.split(' ') as [
          string,
          string,
          string,
          string,
          string,
        ]
        return { name, architecture, want, status, version: version === '-' ? '' : version }
      })
  }

  /** @throws {Refusal} where no systemd answers */
  async unit(name: string): Promise<Unit> {
    const answer = await this.connection.look('unit', name, this.as)
    const said = textOf(answer.slice(2))
    if (!answer.startsWith('='))
      throw new Refusal(
        `systemd does not answer about '${name}'`,
        'this needs a host booted with systemd',
        said.trim() === '' ? [] : [said.trim()],
      )
    return unitOf(said)
  }

  async user(name: string): Promise<User | null> {
    const found = await this.#account('user', name)
    if (!found) return null
    const [known, uid, gid, home, shell] = found as [string, string, string, string, string]
    return { name: known, uid: Number(uid), gid: Number(gid), home, shell }
  }

  async group(name: string): Promise<Group | null> {
    const found = await this.#account('group', name)
    if (!found) return null
    const [known, gid, members] = found as [string, string, string]
    return { name: known, gid: Number(gid), members: members.split(' ').filter(Boolean) }
  }

  async #account(kind: 'user' | 'group', name: string): Promise<string[] | null> {
    const answer = await this.connection.look(kind, name, this.as)
    return answer.startsWith('= ') ? answer.slice(2).split(' ').map(textOf) : null
  }

  async processes(): Promise<Process[]> {
    const answer = await this.connection.look('processes', '', this.as)
    if (!answer.startsWith('= ')) throw new Refusal(`cannot read /proc: ${textOf(answer.slice(2))}`)
    return answer
      .slice(2)
      .split('/')
      .map((line) => {
        const [pid, parent, words] = line.split(' ') as [string, string, string]
        return {
          pid: Number(pid),
          parent: Number(parent),
          command: textOf(words).replaceAll('\0', ' ').trim(),
        }
      })
  }

  /** What facts are made of (facts-script.ts), by its names. @throws {Refusal} */
  async facts(): Promise<Map<string, Buffer>> {
    const answer = await this.connection.look('facts', '', this.as)
    if (!answer.startsWith('= ')) throw new Refusal(`cannot gather facts: ${textOf(answer.slice(2))}`)
    const said = Buffer.from(answer.slice(2), 'base64')
    const texts: Buffer[] = []
    for (let at = 0; at < said.length; ) {
      const end = at + 4 + said.readUInt32BE(at)
      texts.push(said.subarray(at + 4, end))
      at = end
    }
    const found = new Map<string, Buffer>()
    for (let at = 0; at < texts.length; at += 2) found.set(texts[at]!.toString(), texts[at + 1]!)
    return found
  }

  /** Who reads, on what kind of machine (uname -m), and the IPv4 address that it is known by outside; '' where there is none. */
  async self(): Promise<{ user: string; uid: number; machine: string; address: string }> {
    const [, user, uid, machine, address] = (await this.connection.look('self', '', this.as)).split(' ')
    return { user: user!, uid: Number(uid), machine: machine!, address: address ?? '' }
  }
}

/** @param said by `systemctl show` of one unit */
export function unitOf(said: string): Unit {
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(said)?.[1] ?? ''
  return {
    id: value('Id'),
    load: value('LoadState'),
    active: value('ActiveState'),
    sub: value('SubState'),
    result: value('Result'),
    file: value('UnitFileState'),
    path: value('FragmentPath'),
    dropIns: value('DropInPaths').split(' ').filter(Boolean),
    triggeredBy: value('TriggeredBy').split(' ').filter(Boolean),
    canReload: value('CanReload') === 'yes',
    needReload: value('NeedDaemonReload') === 'yes',
  }
}
