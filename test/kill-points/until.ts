import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Plan, Step } from '../../contract/plan.ts'
import { modules } from '../../modules/registry.ts'
import { playCommand } from '../../runner/commands/run.ts'
import { left } from '../../runner/leaving.ts'
import { parseArguments } from '../../runner/options/arguments.ts'
import type { Event } from '../../runner/report/events.ts'

/**
 * `play` that comes to grief at a given step. Arguments: the step's number, a part of its name, `copying`, or `unmet:FILE`;
 * what happens then; a file for the names of the steps that were begun; and play's own arguments. Steps are counted as they
 * are done, on all hosts. The file lists the names of those that were met before, and is added to.
 *
 * What happens: `kill`, play itself is gone before the step; `kill within`, while the host does it; `SIGTERM` (SIGINT,
 * SIGHUP), it is told to end; `power HOST`, that host is gone, and play has to see for itself; `power within HOST`, while
 * it does it; `cut HOST [PEER]`, its network is gone.
 * `copying` is the second line of progress of a base backup that is made slow for it.
 */
const [point, what, names, ...args] = process.argv.slice(2) as [string, string, string, ...string[]]
const met = point.startsWith('unmet:') ? point.slice('unmet:'.length) : undefined
const before = new Set(met && existsSync(met) ? readFileSync(met, 'utf8').split('\n') : [])
/** ms; enough for a step to have begun on its host, too little for most to have ended */
const WITHIN = 15
/** ms; the middle of an initdb */
const WITHIN_CREATION = 500
let begun = 0
let progress = 0
let happened = false

for (const module of modules.values()) {
  const { plan } = module
  module.plan = (state, params) => {
    const made: Plan = plan(state, params)
    return { ...made, steps: watched(made.steps, module.name) }
  }
}
/** The same steps, each behind one that does nothing but notice that it is its turn: when its words are asked for. */
function watched(steps: readonly Step[], module: string): Step[] {
  return steps.flatMap((step) =>
    step.do === 'guard'
      ? [{ ...step, steps: watched(step.steps, module) }]
      : [
          {
            do: 'exec' as const,
            // Without one its words would be asked for twice.
            title: 'its turn',
            get argv() {
              begin(step, module)
              return ['true']
            },
          },
          slow(step),
        ],
  )
}

/** About five seconds of copying, so that it can be met at work. */
const slow = (step: Step): Step =>
  point === 'copying' && step.do === 'exec' && step.title === 'the base backup'
    ? { ...step, argv: [...step.argv, '--max-rate=6M'] }
    : step

function begin(step: Step, module: string): void {
  begun += 1
  const words = step.do === 'exec' ? step.argv.slice(0, 4).join(' ') : 'path' in step ? step.path : ''
  const name = `${module}: ${step.title ?? `${step.do} ${words}`}`
  appendFileSync(names, `${name}\n`)
  if (!here(name)) return
  if (met) appendFileSync(met, `${kindOf(name)}\n`)
  happen()
}

/** Each backup has a number of its own. */
const kindOf = (name: string): string => name.replace(/\/\d{4}(?=\/|$)/g, '/N')

function here(name: string): boolean {
  if (happened) return false
  if (met) return !before.has(kindOf(name))
  return /^\d+$/.test(point) ? String(begun) === point : name.includes(point)
}

function report(event: Event): void {
  if (event.event === 'progress' && point === 'copying') {
    progress += 1
    if (progress === 2) happen()
  }
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

function happen(): void {
  if (happened) return
  happened = true
  appendFileSync(names, `${what}!\n`)
  if (what === 'kill') process.kill(process.pid, 'SIGKILL')
  if (what === 'kill within') return void setTimeout(() => process.kill(process.pid, 'SIGKILL'), WITHIN)
  if (what.startsWith('SIG')) return void process.kill(process.pid, what)
  const [how, ...rest] = what.split(' ') as [string, string, ...string[]]
  const hosts = rest.filter((word) => word !== 'within')
  const words = how === 'power' ? ['kill', ...hosts] : ['net', hosts[0]!, 'cut', ...hosts.slice(1)]
  const cut = () => spawnSync('lab/lab', words, { stdio: 'inherit' })
  if (rest.includes('within')) setTimeout(cut, WITHIN_CREATION)
  else cut()
}

process.exit(await Promise.race([playCommand(parseArguments(args), { report, close: async () => {} }), left]))
