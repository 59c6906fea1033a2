import { Refusal } from '../../contract/errors.ts'
import type { DpkgPackage } from '../../contract/host.ts'
import type { Connection } from '../hosts/types.ts'
import { textOf } from './files/read.ts'

/** What a host says of itself, to one operating-system user (the login user when left out). */
export class HostReads {
  constructor(
    readonly connection: Connection,
    readonly as: string | undefined,
  ) {}

  /** Seconds since the epoch, by its own clock. */
  async now(): Promise<number> {
    return Number((await this.connection.look('now', '', this.as)).slice(2))
  }

  /** What dpkg knows of packages of these names; nothing where there is no dpkg. @throws {Refusal} where that cannot be read */
  async packages(names: readonly string[]): Promise<DpkgPackage[]> {
    const answer = await this.connection.look('packages', names.join(' '), this.as)
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

  /** Who reads, on what kind of machine (uname -m), and the IPv4 address that it is known by outside; '' where there is none. */
  async self(): Promise<{ user: string; uid: number; machine: string; address: string }> {
    const [, user, uid, machine, address] = (await this.connection.look('self', '', this.as)).split(' ')
    return { user: user!, uid: Number(uid), machine: machine!, address: address ?? '' }
  }
}
