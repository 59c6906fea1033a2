import { type Arrangement, arrangement } from './arrangement.ts'
import { failures, faultsOf, saidBy } from './converged.ts'
import { ask, lab, onGuest, sqlOnGuest } from './guests.ts'
import { inventory, type Played, playJson } from './play.ts'

/** Answers to what a role change asks; those that an older play does not know do no harm. */
export const FAILOVER = ['-e', 'lost_changes=recopy', '-e', 'lost_writes=accept'] as const
export const REJOIN = ['-e', 'discarded=accept'] as const

/** Seconds after which a run is given up. */
const HANGS = 900

/** Who runs the playbooks, and remembers all that they said. */
export class Operator {
  said = ''
  #now: Arrangement | undefined
  readonly #off = new Set<string>()
  readonly #cut = new Set<string>()

  /** A playbook of the product, by its name. */
  async run(playbook: string, inventory: string, ...more: string[]): Promise<Played> {
    const played = await playJson([`playbooks/${playbook}.yaml`, '-i', inventory, ...more], {
      timeout: HANGS,
    })
    this.said += saidBy(played)
    return played
  }

  /** @throws where it fails */
  async mustRun(playbook: string, inventory: string, ...more: string[]): Promise<Played> {
    const played = await this.run(playbook, inventory, ...more)
    if (played.code !== 0) throw new Error(`${playbook}.yaml fails: ${failures(played).join('\n')}`)
    return played
  }

  /** The former primary comes back, after a failover. */
  rejoin = ({ inventory, standby }: Arrangement, ...more: string[]): Promise<Played> =>
    this.run('rejoin', inventory, '-e', `host=${standby}`, ...REJOIN, ...more)

  /** Cuts a host's power. */
  async power(host: string): Promise<void> {
    this.#off.add(host)
    await lab('kill', host)
  }

  /** Cuts a host's network, or its way to another. */
  async cut(host: string, peer?: string): Promise<void> {
    this.#cut.add(host)
    await lab('net', host, 'cut', ...(peer === undefined ? [] : [peer]))
  }

  /** What somebody else did to the machines: `power vm4`, `cut vm3 vm4`. */
  noticed(what: string): void {
    const [how, host] = what.split(' ')
    if (how === 'power') this.#off.add(host!)
    if (how === 'cut') this.#cut.add(host!)
  }

  /** All hosts are on, and reach each other. */
  async repairMachines(): Promise<void> {
    if (this.#off.size > 0) await lab('start', ...this.#off)
    this.#off.clear()
    await this.repairNetwork()
  }

  /** Hosts that are on reach each other. */
  async repairNetwork(): Promise<void> {
    for (const host of this.#cut) await lab('net', host, 'heal')
    this.#cut.clear()
  }

  /** Which way round the pair was when somebody last looked. @throws where neither is a primary */
  arrangement = async (): Promise<Arrangement> => this.#now ?? this.look()

  /** Which way round the pair is. @throws where neither is a primary */
  async look(): Promise<Arrangement & { rivals: boolean }> {
    this.#now = undefined
    const found = await arrangement()
    if (!found) throw new Error('neither vm3 nor vm4 is a primary')
    this.#now = found
    return found
  }

  /** The topology as one of the two inventories wants it, by what an operator does, or else from bare hosts. */
  async beginWell(): Promise<void> {
    await lab('up')
    await this.repairMachines()
    if (await this.#mend().catch(() => false)) return
    await lab('reset')
    this.#now = undefined
    await this.mustRun('site', inventory)
    await this.look()
  }

  /** vm3 is the primary again, as the lab's own inventory says: for the tests that come next. */
  async endWell(): Promise<void> {
    await this.beginWell()
    const now = await this.arrangement()
    if (now.primary !== 'vm3') await this.mustRun('switchover', now.inventory, '-e', 'new_primary=vm3')
    await this.mustRun('site', inventory)
  }

  async #mend(): Promise<boolean> {
    const now = await this.look()
    const [status] = await ask(now.standby, 'select status from pg_stat_wal_receiver')
    if (status !== 'streaming') await this.rejoin(now)
    await this.run('site', now.inventory)
    return (await faultsOf({ ...now, said: this.said })).length === 0
  }

  /** What was kept aside is looked at and thrown away: the next time its names must be told anew. */
  async tidy(): Promise<void> {
    const isAside = /replaced-by-play|before-rewind|discarded-since|replaced_by_play/.test(this.said)
    this.said = ''
    if (!isAside) return
    const { primary, standby } = await this.arrangement()
    await Promise.all(
      [primary, standby].map((host) =>
        onGuest(
          host,
          'cd /var/lib/postgresql/15 && rm -rf -- *.replaced-by-play-* *.before-rewind-* *.discarded-since-*',
        ),
      ),
    )
    await sqlOnGuest(
      primary,
      'set client_min_messages = warning; drop schema if exists replaced_by_play cascade',
    )
  }
}
