import { atMost } from '../goals.mjs'

/** Jobs once more where starting a program takes long in the guests, as on many machines of users. */
export const slowStartJobs = (jobs) =>
  jobs
    .filter(({ name }) => name === 'site-again')
    .map((job) => ({
      ...job,
      name: `${job.name}-slow-starts`,
      number: '9',
      title: `${job.title}, where starting a program is dear`,
      slowStarts: true,
      contestants: job.contestants.filter(({ isPeer }) => !isPeer),
      goals: [atMost(0.8, 'hand')],
    }))
