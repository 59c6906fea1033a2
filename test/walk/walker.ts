import { setTimeout as pause } from 'node:timers/promises'
import { runUntil } from '../kill-points/cut.ts'
import { prepare } from '../kill-points/hosts.ts'
import { losses } from '../support/accounts.ts'
import { type Arrangement, arrangements, timelineOf } from '../support/arrangement.ts'
import type { Clients } from '../support/clients.ts'
import { failures, faultsOf } from '../support/converged.ts'
import { lab, onGuest } from '../support/guests.ts'
import { FAILOVER, Operator, REJOIN } from '../support/operator.ts'
import { eventually, named, type Played } from '../support/play.ts'
import { stopInRecovery } from '../support/stop-in-recovery.ts'
import { GROWS, mistakeOf } from './mistakes.ts'
import type { Place, Step, UnderWay } from './schedule.ts'

const SERVER = 'postgresql@15-main'
/** Seconds until a row that is on its way must have come. */
const ARRIVES = 60

/** A command that changes something; it is given again until it has been done. */
interface Command {
  playbook: string
  inventory: string
  more: string[]
}

/** Does one step after the other to the lab, and what an operator would do about it. */
export class Walker {
  readonly operator = new Operator()
  /** Whether a former primary is still to be rejoined. */
  half = false
  #told: (finding: string) => void = () => {}

  constructor(readonly clients: Clients) {}

  /** @param told of each finding */
  async walk(step: Step, told: (finding: string) => void): Promise<void> {
    this.#told = told
    const now = await this.#settle()
    if (!now) return
    if (!this.half || !['switchover', 'failover'].includes(step.during ?? step.kind))
      return this.#do(step, now)
    await this.#rejoin(now)
    const whole = await this.#settle()
    if (whole) await this.#do(step, whole)
  }

  /** Where a place is, the pair being this way round. */
  host = (place: Place, now: Arrangement): string =>
    place === 'primary' || place === 'standby' ? now[place] : place

  async #do(step: Step, now: Arrangement): Promise<void> {
    const place = step.place && this.host(step.place, now)
    switch (step.kind) {
      case 'site':
        return this.#site(now)
      case 'switchover':
        return void (await this.#command(this.#switchover(now)))
      case 'failover':
        return this.#failover(step, now)
      case 'rejoin':
        return this.half
          ? this.#rejoin(now, ...(step.how === 'copy' ? ['-e', 'method=copy'] : []))
          : this.#nothing('rejoin', await this.operator.rejoin(now))
      case 'kill':
        return this.#interrupted(step.during!, step.point!, step.how!, now)
      case 'power':
        if (step.during) return this.#interrupted(step.during, step.point!, `power ${place}`, now)
        await this.operator.power(place!)
        return this.operator.repairMachines()
      case 'cut':
        await this.operator.repairMachines()
        return this.#cut(step, now)
      case 'reboot':
        await lab('stop', place!)
        return lab('start', place!)
      case 'mistake':
        return this.#mistake(step, now)
    }
  }

  /** The inventory that fits: nothing may fail. In between a failover and its rejoin it may be refused. */
  async #site({ inventory }: Arrangement): Promise<void> {
    const site = await this.operator.run('site', inventory)
    if (!this.half) this.#tell('site.yaml', failures(site))
  }

  #switchover = ({ inventory, standby }: Arrangement): Command => ({
    playbook: 'switchover',
    inventory,
    more: ['-e', `new_primary=${standby}`],
  })
  #failoverOf = ({ inventory, standby }: Arrangement): Command => ({
    playbook: 'failover',
    inventory,
    more: ['-e', `new_primary=${standby}`, ...FAILOVER],
  })
  #rejoinOf = ({ inventory, standby }: Arrangement): Command => ({
    playbook: 'rejoin',
    inventory,
    more: ['-e', `host=${standby}`, ...REJOIN],
  })

  async #command({ playbook, inventory, more }: Command): Promise<boolean> {
    const done = await this.operator.run(playbook, inventory, ...more)
    this.#tell(`${playbook}.yaml`, failures(done))
    return done.code === 0
  }

  /** The primary is taken away, the standby takes over; the old one is rejoined later. */
  async #failover({ how, back }: Step, now: Arrangement): Promise<void> {
    await this.#lose(how!, now)
    await this.#command(this.#failoverOf(now))
    await this.#failedOver(now)
    if (!back) return
    await this.operator.repairMachines()
    await onGuest(now.primary, `systemctl start ${SERVER} || true`)
  }

  async #lose(how: string, { primary }: Arrangement): Promise<void> {
    if (how === 'power') return this.operator.power(primary)
    if (how === 'recovering') return void (await stopInRecovery(primary))
    await onGuest(primary, how === 'crash' ? `systemctl kill -s KILL ${SERVER}` : `systemctl stop ${SERVER}`)
  }

  /** Whether the standby of before is the primary now; where it is not, the old one goes on. */
  async #failedOver(before: Arrangement): Promise<void> {
    this.half = Boolean(await timelineOf(before.standby))
    if (this.half) return
    await this.operator.repairMachines()
    await onGuest(before.primary, `systemctl start ${SERVER} || true`)
  }

  async #rejoin(now: Arrangement, ...more: string[]): Promise<void> {
    await this.operator.repairMachines()
    const done = await this.operator.rejoin(now, ...more)
    this.#tell('rejoin.yaml', failures(done))
    this.half = done.code !== 0
  }

  #nothing(what: string, done: Played): void {
    this.#tell(what, failures(done))
    this.#tell(
      what,
      named(done, 'changed').map((task) => `changes ${task}`),
    )
  }

  /** Cut short at that point; then the machines are well again, and the same command is given again. */
  async #interrupted(during: UnderWay, point: number, what: string, now: Arrangement): Promise<void> {
    const command = await this.#begin(during, now)
    const { playbook, inventory, more } = command
    const was = await runUntil({ step: String(point), what }, playbook, '-i', inventory, ...more)
    this.operator.said += was.output
    this.operator.noticed(what)
    await this.operator.repairMachines()
    const isDone = await this.#command(command)
    if (during === 'failover') await this.#failedOver(now)
    if (during === 'rejoin') this.half = !isDone
  }

  async #begin(during: UnderWay, now: Arrangement): Promise<Command> {
    if (during === 'switchover') return this.#switchover(now)
    if (during === 'rejoin') {
      await this.operator.repairMachines()
      return this.#rejoinOf(now)
    }
    if (during === 'failover') await this.#lose('stop', now)
    else await prepare('bare', now)
    return during === 'failover'
      ? this.#failoverOf(now)
      : { playbook: 'site', inventory: now.inventory, more: [] }
  }

  /** A network is gone for some seconds, whatever is under way; what failed for it is done again. */
  async #cut({ place, peer, seconds, during }: Step, now: Arrangement): Promise<void> {
    const command = during && (await this.#begin(during, now))
    const run = command && this.operator.run(command.playbook, command.inventory, ...command.more)
    await this.operator.cut(this.host(place!, now), peer && this.host(peer, now))
    await pause(seconds! * 1000)
    await this.operator.repairNetwork()
    if (!run) return
    if ((await run).code !== 0) await this.#command(command)
    if (during === 'failover') await this.#failedOver(now)
  }

  async #mistake({ mistake, check, place }: Step, now: Arrangement): Promise<void> {
    const removed = place && this.host(place, now)
    const wrong = mistakeOf(mistake!, now, removed)
    const done = await this.operator.run(
      'site',
      wrong.inventory,
      ...wrong.more,
      ...(check ? ['--check'] : []),
    )
    const changed = named(done, 'changed')
    if (check) {
      if (done.code > 4) this.#tell(`${mistake} --check`, [`exit ${done.code}: ${done.stderr}`])
    } else if (wrong.refused && (done.code === 0 || changed.length > 0))
      this.#tell(mistake!, [`not refused: exit ${done.code}, changes: ${changed.join(', ') || 'none'}`])
    if (mistake !== 'shrinks' || check) return
    await this.clients.goOn(20)
    this.#tell('shrinks, grows', failures(await this.operator.run('site', now.inventory, ...GROWS)))
  }

  #tell(what: string, faults: readonly string[]): void {
    if (faults.length > 0) this.#told(`${what}: ${faults.join(' | ')}`)
  }

  /** Which way round the pair is; where neither is a primary, what can be started is. */
  async #settle(): Promise<Arrangement | undefined> {
    try {
      let now = await this.operator.look().catch(() => undefined)
      if (!now) {
        await this.operator.repairMachines()
        await Promise.all(['vm3', 'vm4'].map((host) => onGuest(host, `systemctl start ${SERVER} || true`)))
        await eventually('a primary', () => this.operator.look().then(() => true, String), 20)
        now = await this.operator.look()
      }
      if (now.rivals && !this.half) {
        this.#tell('two primaries', [`${now.primary} is the later one`])
        this.half = true
      }
      return now
    } catch (error) {
      this.#tell('no primary', [String(error)])
      return undefined
    }
  }

  /**
   * All machines are well; the fitting site.yaml converges, and every acknowledged row is everywhere exactly once.
   * @returns the losses, a line each
   */
  async checkpoint(told: (finding: string) => void): Promise<string[]> {
    this.#told = told
    await this.operator.repairMachines()
    const before = await this.#settle()
    if (before && this.half) await this.#rejoin(before)
    const now = (await this.#settle()) ?? arrangements.vm3
    this.#tell('site.yaml at the checkpoint', failures(await this.operator.run('site', now.inventory)))
    for (const fault of await faultsOf({ ...now, said: this.operator.said })) told(fault)
    const lost = losses(await this.clients.audit(ARRIVES))
    if (lost.length === 0) await this.operator.tidy().catch(() => {})
    return lost
  }
}
