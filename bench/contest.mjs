import { loadavg } from 'node:os'
import { measure } from './measure.mjs'

/**
 * One job: every contestant in turn, round after round, because these machines are noisy and only what ran side by side
 * compares. Answers a summary for each contestant. The first round warms caches and is not counted, except in jobs that
 * take minutes; where contestants' ways must settle on the same hosts, two rounds are not. Peers, which may take many
 * minutes, can stay away from the later rounds.
 */
export async function contest(job, { rounds, peerRounds, scratch, root, say }) {
  const load = loadavg()[0]
  await job.prepare?.()
  const runs = new Map(job.contestants.map(({ who }) => [who, []]))
  for (let round = job.slow ? 1 : job.settles ? -1 : 0; round <= rounds; round += 1)
    for (const contestant of job.contestants) {
      if (contestant.isPeer && round > peerRounds) continue
      const ran = await once(job, contestant, { scratch, root, warm: round > 0 })
      if (round > 0) runs.get(contestant.who).push(ran)
      say(
        `${job.name} ${contestant.who} ${round <= 0 ? 'warming up' : `round ${round}`}: ${ran.seconds.toFixed(3)} s`,
      )
    }
  const contestants = Object.fromEntries([...runs].map(([who, all]) => [who, summary(all)]))
  return { job: job.name, number: job.number, title: job.title, load, contestants }
}

async function once(job, contestant, { scratch, root, warm }) {
  const { who, argv, env, check, before, after, verify } = contestant
  try {
    await job.before?.(who)
    await before?.()
    const ran = measure({ argv, env, cwd: root }, scratch)
    await after?.()
    // What differs between contestants' ways settles while warming up; from then on nothing may change.
    if (warm || !job.settles) check(ran)
    await verify?.()
    return { ...ran, tasks: ran.stdout.match(/^TASK \[/gm)?.length ?? 0, stdout: '', stderr: '' }
  } catch (error) {
    throw new Error(`${job.name}, ${who}: ${error.message}`, { cause: error })
  }
}

function summary(runs) {
  const all = runs.map(({ seconds }) => seconds).sort((a, b) => a - b)
  return {
    rounds: runs.length,
    median: middle(all),
    min: all[0],
    max: all.at(-1),
    cpu: middle(runs.map(({ cpu }) => cpu).sort((a, b) => a - b)),
    megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
    processes: middle(runs.map(({ processes }) => processes).sort((a, b) => a - b)),
    tasks: runs.at(-1).tasks,
  }
}

function middle(sorted) {
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
