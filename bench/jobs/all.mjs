import { commandJobs } from './commands.mjs'
import { fileJobs } from './files.mjs'
import { inventoryJobs } from './inventory.mjs'
import { jinjaJobs } from './jinja.mjs'
import { manyHostsJobs } from './many-hosts.mjs'
import { oneServerJobs } from './one-server.mjs'
import { siteJobs } from './site.mjs'
import { slowStartJobs } from './slow-start.mjs'
import { slowWireJobs } from './slow-wire.mjs'
import { startJobs } from './start.mjs'

/** All jobs in the order of their numbers; `bench` is { root, scratch, play, lab }. */
export function allJobs(bench) {
  const near = [...siteJobs(bench), ...commandJobs(bench)]
  return [
    ...near,
    ...slowStartJobs(near),
    ...manyHostsJobs(bench),
    ...oneServerJobs(bench),
    ...fileJobs(bench),
    ...slowWireJobs(near),
    ...startJobs(bench),
    ...inventoryJobs(bench),
    ...jinjaJobs(bench),
  ]
}

/** The jobs that are asked for by name or number, with the contestants that are asked for. */
export function chooseJobs(all, { jobs, who }) {
  const isMeant = ({ name, number }, word) =>
    word === name || word === number || word === number.replace(/\D/g, '')
  for (const word of jobs ?? [])
    if (!all.some((job) => isMeant(job, word))) throw new Error(`'${word}' is no job; --list lists them`)
  return all
    .filter((job) => !jobs || jobs.some((word) => isMeant(job, word)))
    .map((job) => ({
      ...job,
      contestants: job.contestants.filter(
        (one) => one.who.startsWith('play') || !who || who.includes(one.who),
      ),
    }))
}
