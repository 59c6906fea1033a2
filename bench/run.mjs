#!/usr/bin/env node
// `npm run bench`: what play takes beside Ansible, Mitogen and a script by hand, in a lab of its own. README.md tells.
import { rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { contest } from './contest.mjs'
import { delayWires } from './delay.mjs'
import { allJobs, chooseJobs } from './jobs/all.mjs'
import { benchLab } from './lab.mjs'
import { must } from './measure.mjs'
import { readOptions } from './options.mjs'
import { installPeers, newScratch } from './peers.mjs'
import { asText } from './report.mjs'
import { Results } from './results.mjs'
import { slowStarts } from './slow-start.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const options = readOptions(process.argv.slice(2))
const scratch = newScratch()
const bench = {
  root,
  scratch,
  play: [process.execPath, resolve(options.play ?? join(root, 'dist/play.js'))],
  lab: benchLab(root),
}
const all = allJobs(bench)
// The contestant at work gets the signal too, so its job goes wrong; the lab is taken down all the same.
let interrupted = false
process.once('SIGINT', () => {
  interrupted = true
  process.exitCode = 130
})
const jobs = chooseJobs(all, options)

try {
  if (options.list) list()
  else await run()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function run() {
  installPeers(jobs)
  if (!options.play) must(['npm', 'run', '-s', 'build'], { cwd: root })
  const results = new Results(root, resolve(root, options.results), all)
  const needsLab = jobs.some(({ number }) => !/^([78]|4[cd]|10b)/.test(number))
  try {
    if (needsLab) bench.lab.up()
    for (const job of jobs) {
      await runJob(job, results)
      await setImmediate()
      if (interrupted) break
    }
  } finally {
    if (needsLab && !options.keepLab) bench.lab.down()
  }
}

/** A job that goes wrong has no figures; the others go on, and the exit code tells. */
async function runJob(job, results) {
  const rounds = job.slow ? options.slowRounds : options.rounds
  try {
    const peerRounds = options.peerRounds(job)
    results.add(await onWires(job, () => contest(job, { rounds, peerRounds, scratch, root, say })))
  } catch (error) {
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
    return
  }
  process.stdout.write(asText(results.judged(job.name)))
  if (options.save) results.save()
}

async function onWires(job, measureIt) {
  if (job.slowStarts) return withSlowStarts(measureIt)
  if (!job.delay) return measureIt()
  const wires = await delayWires(bench.lab, job.delay)
  try {
    return { ...(await measureIt()), wires: wires.how }
  } finally {
    wires.end()
  }
}

async function withSlowStarts(measureIt) {
  const starts = slowStarts(bench.lab)
  try {
    return { ...(await measureIt()), starts: starts.how }
  } finally {
    starts.end()
  }
}

function list() {
  for (const { name, number, title, contestants } of jobs)
    process.stdout.write(
      `${number.padEnd(3)} ${name.padEnd(20)} ${title} (${contestants.map(({ who }) => who).join(', ')})\n`,
    )
}

/** Progress is no result: it goes to the standard error. */
function say(line) {
  process.stderr.write(`${line}\n`)
}
