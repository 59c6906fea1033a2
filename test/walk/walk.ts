import { appendFileSync, writeFileSync } from 'node:fs'
import { lab } from '../support/guests.ts'
import { Random } from './random.ts'
import { choose, type Kind, type Step } from './schedule.ts'
import type { Walker } from './walker.ts'

export interface WalkOptions {
  steps: number
  seed: number
  /** The steps of an earlier walk, instead of random ones. */
  replay?: readonly Step[]
  /** Kinds and mistakes to leave out. */
  without: readonly string[]
  /** Steps from one checkpoint to the next. */
  every: number
  /** The file in which each step is written before it is done. */
  schedule: string
  /** Where rows are lost, begin anew from bare hosts instead of ending there. */
  goOn: boolean
  /** Where something stays broken, end there, and leave the lab as it is. */
  keep: boolean
  say: (line: string) => void
}

export interface Walked {
  counts: ReadonlyMap<Kind, number>
  /** What an operator would not put up with, each with the number of its step. */
  findings: string[]
  /** Accounts in which rows are missing or doubled. */
  lost: string[]
}

/** The lab must be well. The clients must have been started. */
export async function walk(walker: Walker, options: WalkOptions): Promise<Walked> {
  const { seed, replay, schedule, say } = options
  const steps = Math.min(options.steps, replay?.length ?? Number.POSITIVE_INFINITY)
  const random = new Random(seed)
  const without = new Set(options.without)
  const counts = new Map<Kind, number>()
  const findings: string[] = []
  const lost: string[] = []
  writeFileSync(schedule, `${JSON.stringify({ seed, steps, rate: walker.clients.rate })}\n`)
  const note = (what: object) => appendFileSync(schedule, `${JSON.stringify(what)}\n`)
  let n = 0
  const found = (finding: string) => {
    findings.push(`${n}: ${finding}`)
    note({ n, finding })
    say(`       ${finding}`)
  }
  while (n < steps && (lost.length === 0 || options.goOn)) {
    const step = replay?.[n] ?? choose(random, walker.half, without)
    n += 1
    const now = await walker.operator.arrangement().catch(() => undefined)
    const host = now && step.place && walker.host(step.place, now)
    note({ n, ...step, host, primary: now?.primary })
    const began = performance.now()
    const before = findings.length
    await walker.walk(step, found).catch((error) => found(`the step itself: ${error}`))
    counts.set(step.kind, (counts.get(step.kind) ?? 0) + 1)
    say(`${String(n).padStart(4)} ${describe(step).padEnd(60)} ${seconds(began)} s`)
    const isWell = findings.length === before
    if (isWell && n % options.every !== 0 && n !== steps) continue
    const told = findings.length
    const losses = await checkpoint(walker, found, say)
    lost.push(...losses)
    if (findings.length === told || n === steps) continue
    // What an operator's next steps do not mend would be found again in each step that follows.
    if (options.keep) break
    if (losses.length === 0 || options.goOn) await anew(walker)
  }
  return { counts, findings, lost }
}

async function checkpoint(
  walker: Walker,
  found: (finding: string) => void,
  say: (line: string) => void,
): Promise<string[]> {
  const began = performance.now()
  const losses = await walker.checkpoint(found).catch((error) => {
    found(`the checkpoint itself: ${error}`)
    return []
  })
  for (const loss of losses) found(loss)
  const rows = losses.length > 0 ? 'ROWS ARE LOST' : 'all there'
  say(`     checkpoint: ${walker.clients.acknowledged} rows acknowledged, ${rows}, ${seconds(began)} s`)
  return losses
}

/** What was lost is lost, and was told. */
export async function anew(walker: Walker): Promise<void> {
  await walker.clients.stop()
  await lab('reset')
  await walker.operator.beginWell()
  walker.half = false
  walker.clients.resume()
}

const seconds = (began: number): number => Math.round((performance.now() - began) / 1000)

const describe = ({ kind, ...rest }: Step): string =>
  `${kind} ${Object.entries(rest)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`
