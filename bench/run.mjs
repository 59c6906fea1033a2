#!/usr/bin/env node
// `npm run bench [-- --rounds 7]`: in the lab, each job done by each contestant in turn (A B C A B C …), because these
// machines are noisy and only what ran side by side compares. Prints medians and ratios; writes bench/results.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jobs } from './jobs.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const rounds = numberAfter('--rounds', 5)

must(['lab/lab', 'up'])
must(['npm', 'run', '-s', 'build'])
const results = []
for (const job of jobs(root)) {
  if (job.prepare) must(job.prepare)
  const times = new Map(job.contestants.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1)
    for (const { name, argv, env } of job.contestants) {
      const seconds = timed(argv, env)
      // The first round warms caches and is not counted.
      if (round > 0) times.get(name).push(seconds)
    }
  results.push({ job: job.name, contestants: [...times].map(([name, all]) => summary(name, all)) })
  print(results.at(-1))
}
save(results)

function timed(argv, env = {}) {
  const started = performance.now()
  const ran = spawnSync(argv[0], argv.slice(1), {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    encoding: 'utf8',
  })
  if (ran.status !== 0) throw new Error(`${argv.join(' ')}: exit ${ran.status}\n${ran.stdout}${ran.stderr}`)
  return (performance.now() - started) / 1000
}

function summary(name, all) {
  const sorted = [...all].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { name, median, min: sorted[0], max: sorted.at(-1), rounds: sorted.length }
}

function print({ job, contestants }) {
  process.stdout.write(`\n${job}\n`)
  const [first] = contestants
  for (const { name, median, min, max } of contestants)
    process.stdout.write(
      `  ${name.padEnd(28)} ${median.toFixed(3)} s  (${min.toFixed(3)}–${max.toFixed(3)})  play/this ${(first.median / median).toFixed(3)}\n`,
    )
}

function save(all) {
  mkdirSync(join(root, 'bench/results'), { recursive: true })
  writeFileSync(
    join(root, 'bench/results/latest.json'),
    `${JSON.stringify({ rounds, results: all }, null, 2)}\n`,
  )
  const rows = all.flatMap(({ job, contestants }) =>
    contestants.map(
      ({ name, median, min, max }) =>
        `| ${job} | ${name} | ${median.toFixed(3)} | ${min.toFixed(3)}–${max.toFixed(3)} | ${(contestants[0].median / median).toFixed(3)} |`,
    ),
  )
  const text = `# Benchmarks\n\nMedians of ${rounds} rounds, contestants in turn, seconds.\n\n| job | who | median | range | play / who |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  writeFileSync(join(root, 'bench/results/latest.md'), text)
}

function must(argv) {
  if (spawnSync(argv[0], argv.slice(1), { cwd: root, stdio: 'inherit' }).status !== 0)
    throw new Error(`${argv.join(' ')} failed`)
}

function numberAfter(flag, fallback) {
  const at = process.argv.indexOf(flag)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
