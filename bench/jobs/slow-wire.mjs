import { roundTrips } from '../goals.mjs'

const DELAYS = [25, 100]
const JOBS = ['site-again', 'commands-25', 'commands-1000', 'loop-100']

/** Some of the jobs again, with every packet to a host late. `all` are the jobs as they are without. */
export function slowWireJobs(all) {
  return DELAYS.flatMap((delay) =>
    JOBS.map((name) => {
      const job = all.find((other) => other.name === name)
      return {
        ...job,
        name: `${name}-${delay}ms`,
        number: `6${delay === DELAYS[0] ? 'a' : 'b'}`,
        title: `${job.title}, ${delay} ms away`,
        delay,
        goals: delay === DELAYS.at(-1) ? [trips(name, job.items)] : [],
      }
    }),
  )
}

const trips = (name, items) =>
  roundTrips(1.5, ...DELAYS.map((delay) => ({ job: `${name}-${delay}ms`, delay: delay / 1000 })), items)
