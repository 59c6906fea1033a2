import { setTimeout as pause } from 'node:timers/promises'
import type { Options } from '../cli.ts'
import { settled } from '../load/outside.ts'
import { Output } from '../report/output.ts'
import { visibleLine } from '../report/visible.ts'
import { lookAtLocks } from '../run/lock-look.ts'
import { compareTopology } from '../status/compare/compare.ts'
import { gapsAmong } from '../status/look/gaps-among.ts'
import { lookAtAll, READER } from '../status/look/look-at-all.ts'
import { rolesOf } from '../status/look/roles-of.ts'
import { statusJson } from '../status/show/json.ts'
import { maskedReport, type StatusReport, statusReport } from '../status/show/report.ts'
import { statusText } from '../status/show/text.ts'
import { haGroupsOf } from '../topology/ha-groups.ts'
import { topologyVariables } from '../topology/variables.ts'
import { type WantedCluster, wantedTopology } from '../topology/wanted.ts'
import { loadInput } from './input.ts'
import { openVault } from './open-vault.ts'
import { Session } from './session.ts'

/** Ansible's exit code for a run that the user stopped. */
const INTERRUPTED = 99

/**
 * `play status`: the topology as it is, beside what the inventory wants; again and again with --watch. Changes nothing.
 * @returns 0, or 2 where the last look found a difference or a warning
 */
export async function statusCommand(options: Options): Promise<number> {
  await openVault(options)
  const input = loadInput(options)
  const session = await Session.open(options, input)
  const warn = (message: string) =>
    process.stderr.write(`[WARNING]: ${visibleLine(session.masker.mask(message))}\n`)
  for (const { message, pos } of input.inventory.warnings)
    warn(pos ? `${pos.file}:${pos.line}: ${message}` : message)

  const fleet = session.hosts(warn)
  const variablesOf = (host: string) => fleet.variables.hostScope(host)
  // Variables may ask a program.
  const { declared, groups, addresses } = await settled(() => {
    const variables = topologyVariables(input.inventory, variablesOf)
    const addressOf = (host: string) => String(variablesOf(host).ansible_host ?? host)
    return {
      declared: wantedTopology(variables),
      groups: haGroupsOf(variables),
      addresses: new Map([...variables.keys()].map((host) => [host, addressOf(host)])),
    }
  })
  const isAsked = ({ host }: WantedCluster): boolean => !input.limit || input.limit.includes(host)
  const asReader = new Map(declared.filter(isAsked).map(({ host }) => [host, READER]))
  const lookedAtLocks = lookAtLocks(asReader, {
    connect: session.connect,
    emit: (event) => event.event === 'warning' && warn(event.message),
  })
  const look = async (): Promise<StatusReport> => {
    const [looks, roles] = await Promise.all([
      lookAtAll(declared.filter(isAsked), session, options),
      rolesOf(groups, declared, session, options),
    ])
    await lookedAtLocks
    const inventory = input.inventory.grown(roles.additions)
    const topology = await settled(() => wantedTopology(topologyVariables(inventory, variablesOf)))
    const gaps = await gapsAmong(topology.filter(isAsked), looks, addresses, session, options)
    const report = statusReport(compareTopology(topology, looks, addresses, gaps, roles.unsure))
    return maskedReport(report, (text) => session.masker.mask(text))
  }

  const stop = new AbortController()
  const onSignal = () => stop.abort()
  for (const signal of SIGNALS) process.once(signal, onSignal)
  process.stdout.once('error', onSignal)
  const output = new Output(process.stdout)
  const show = options.output === 'json' ? statusJson(output) : statusText(output, textOptions(options))
  try {
    return await repeat(look, show, options.watch, stop.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
    await Promise.all([session.close(), output.close()])
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

const textOptions = ({ color, watch }: Options) => ({
  color: color ?? process.stdout.isTTY === true,
  watch,
  terminal: process.stdout.isTTY === true ? process.stdout : undefined,
})

/** Looks once, or every `seconds` until stopped. @returns the exit code of what was shown last */
async function repeat(
  look: () => Promise<StatusReport>,
  show: (report: StatusReport) => void,
  seconds: number | undefined,
  stop: AbortSignal,
): Promise<number> {
  const stopped = new Promise<null>((resolve) => stop.addEventListener('abort', () => resolve(null)))
  for (let code = INTERRUPTED; ; ) {
    const looking = look()
    looking.catch(() => {})
    const report = await Promise.race([looking, stopped])
    if (!report) return code
    show(report)
    code = report.exit_code
    if (seconds === undefined) return code
    await pause(seconds * 1000, null, { signal: stop }).catch(() => {})
    if (stop.aborted) return code
  }
}
