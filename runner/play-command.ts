import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { modules } from '../modules/registry.ts'
import { askSecret } from './ask.ts'
import type { Options } from './cli.ts'
import { Diagnostics, PlayError } from './errors.ts'
import { Connections } from './hosts/pool.ts'
import { connectionSpec } from './hosts/spec.ts'
import { listHosts, listTags, listTasks } from './list.ts'
import { parseExtraVars } from './load/extra-vars.ts'
import { limitHosts } from './load/host-pattern.ts'
import { loadInventory } from './load/inventory.ts'
import { throwInOrder } from './load/playbook/order.ts'
import { loadPlaybooks } from './load/playbook.ts'
import { selectTask } from './load/tags.ts'
import type { Inventory, Play, Vars } from './load/types.ts'
import { preflight } from './preflight.ts'
import type { Reporter } from './report/events.ts'
import { jsonlReporter } from './report/jsonl.ts'
import { Masker, maskingReporter } from './report/mask.ts'
import { textReporter } from './report/text.ts'
import { Fleet } from './run/fleet.ts'
import { targetsOf } from './run/play.ts'
import { run } from './run/run.ts'
import { addSecretVariables } from './secrets.ts'
import { version } from './version.ts'

/**
 * `play PLAYBOOK…`: load, check everything that can be checked, then list or run.
 * @param output where events go; the terminal when left out
 * @returns the exit code
 */
export async function playCommand(options: Options, output?: Reporter): Promise<number> {
  const { extraVars, inventory, plays, limit } = loadInput(options)
  const masker = new Masker()
  if (options.mode !== 'run') return list(options, plays, inventory, extraVars, limit, masker)

  const becomePassword = await becomePasswordOf(options)
  const loginPassword = options.askPass ? await askSecret('SSH password: ') : undefined
  for (const secret of [becomePassword, loginPassword]) if (secret) masker.add(secret)
  addSecretVariables(masker, [extraVars, ...[...inventory.hosts.values()].map((host) => host.vars)])

  const reporter = maskingReporter(output ?? reporterFor(options), masker)
  let fleet: Fleet
  const connections = new Connections((name) => {
    return connectionSpec(name, fleet.hostScope(name), {
      remoteUser: options.user,
      privateKeyFile: options.privateKey,
      becomePassword,
      askPassword: loginPassword,
      timeout: options.timeout,
    })
  })
  for (const { message, pos } of inventory.warnings)
    reporter.report({ event: 'warning', message: pos ? `${pos.file}:${pos.line}: ${message}` : message })
  const { interrupted, stopListening } = listenToSignals(reporter)
  try {
    return await run({
      plays,
      playbooks: options.playbooks,
      inventory,
      modules,
      extraVars,
      check: options.check,
      forks: options.forks,
      tags: options.tags,
      skipTags: options.skipTags,
      startAtTask: options.startAtTask,
      forceHandlers: options.forceHandlers,
      become: options.become,
      becomeUser: options.becomeUser,
      limit,
      connect: (name) => connections.get(name),
      onFleet: (made) => {
        fleet = made
      },
      masker,
      emit: (event) => reporter.report(event),
      interrupted,
      version,
    })
  } finally {
    stopListening()
    await Promise.all([connections.closeAll(), reporter.close()])
  }
}

/** Everything the arguments name, read and checked. @throws {PlayErrors} all that is wrong with any of it, together */
function loadInput(options: Options) {
  const diagnostics = new Diagnostics()
  const extraVars = diagnostics.collect(() => parseExtraVars(options.extraVars)) ?? {}
  const folders = [...new Set(options.playbooks.map((path) => dirname(path)))]
  const inventory = diagnostics.collect(() => loadInventory(options.inventory, folders))
  const plays = loadPlaybooks(options.playbooks, { modules, extraVars, diagnostics })
  let limit: string[] | undefined
  if (inventory) {
    if (options.limit !== undefined) limit = diagnostics.collect(() => limitHosts(inventory, options.limit!))
    preflight({ plays, inventory, modules, extraVars, diagnostics })
  }
  throwInOrder(diagnostics)
  return { extraVars, inventory: inventory!, plays, limit }
}

function list(
  options: Options,
  plays: readonly Play[],
  inventory: Inventory,
  extraVars: Vars,
  limit: readonly string[] | undefined,
  masker: Masker,
): number {
  if (options.mode === 'syntax-check') {
    process.stdout.write(`${options.playbooks.map((path) => `playbook: ${path}\n`).join('')}`)
    return 0
  }
  const nowhere = () => Promise.reject(new PlayError('internal', 'listing connects to no host'))
  const fleet = new Fleet({
    inventory,
    extraVars,
    check: true,
    connect: nowhere,
    masker,
    emit: () => {},
    playbookDir: plays[0]?.dir ?? '.',
  })
  const input = {
    plays,
    inventory,
    hostsOf: (play: Play) => targetsOf(play, { fleet }).filter((name) => !limit || limit.includes(name)),
    selects: (tags: readonly string[]) => selectTask([...tags], options.tags, options.skipTags),
  }
  const text = { 'list-hosts': listHosts, 'list-tasks': listTasks, 'list-tags': listTags }[
    options.mode as 'list-hosts'
  ](input)
  process.stdout.write(`${options.playbooks.map((path) => `\nplaybook: ${path}\n`).join('')}${text}`)
  return 0
}

async function becomePasswordOf(options: Options): Promise<string | undefined> {
  if (options.becomePasswordFile) {
    try {
      return (await readFile(options.becomePasswordFile, 'utf8')).replace(/\r?\n$/, '')
    } catch (cause) {
      throw new PlayError('usage', `cannot read --become-password-file ${options.becomePasswordFile}`, {
        cause,
      })
    }
  }
  return options.askBecomePass ? askSecret('BECOME password: ') : undefined
}

function reporterFor(options: Options): Reporter {
  if (options.output === 'jsonl') return jsonlReporter(process.stdout)
  const color = options.color ?? (process.stdout.isTTY === true && !process.env.NO_COLOR)
  const { verbosity, diff, check } = options
  return textReporter({ out: process.stdout, color, verbosity, diff, check, width: process.stdout.columns })
}

/** The first Ctrl-C lets running steps end and begins nothing new; the second leaves at once. */
function listenToSignals(reporter: Reporter): { interrupted: () => boolean; stopListening: () => void } {
  let stopped = false
  const onSignal = () => {
    if (stopped) process.exit(99)
    stopped = true
    reporter.report({
      event: 'warning',
      message: 'stopping after the steps that run now; press Ctrl-C again to leave them',
    })
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const stopListening = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  return { interrupted: () => stopped, stopListening }
}
