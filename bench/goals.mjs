/**
 * Goals of a job. `judge(of, elsewhere)` gets the summaries of the job's contestants by name, and those of other jobs;
 * it answers the figure and whether it meets the goal, or undefined where a contestant did not take part.
 */

/** play takes at most `factor` of what `who` takes. `one` is which of its contestants. */
export const atMost = (factor, who, said = `${factor}`, one = 'play') => ({
  text: `≤ ${said} of ${who}`,
  judge({ [one]: play, [who]: other }) {
    if (!other) return undefined
    const ratio = play.median / other.median
    return { figure: ratio.toFixed(3), met: ratio <= factor }
  },
})

/** play takes at most so many milliseconds; `each`: divided by so many tasks. */
export const within = (milliseconds, each = 1) => ({
  text: each === 1 ? `≤ ${milliseconds} ms` : `≤ ${milliseconds} ms a task`,
  judge({ play }) {
    const figure = (play.median * 1000) / each
    return { figure: `${figure.toFixed(1)} ms`, met: figure <= milliseconds }
  },
})

/** play's memory is at most so many megabytes at its largest. */
export const inMemory = (megabytes) => ({
  text: `≤ ${megabytes} MB`,
  judge: ({ play }) => ({ figure: `${play.megabytes.toFixed(0)} MB`, met: play.megabytes <= megabytes }),
})

/** Each host takes no longer than in another job, which has `times` fewer of them. */
export const noMoreEachThan = (job, times) => ({
  text: `≤ 1 of ${job}, a host`,
  judge({ play }, elsewhere) {
    const other = elsewhere(job)?.play
    if (!other) return undefined
    const ratio = play.median / other.median / times
    return { figure: ratio.toFixed(3), met: ratio <= 1 }
  },
})

/**
 * The slope between two delays says how many round trips a run waits for, whatever else it does. Those of logging in
 * are among them. `slow` and `slower` are jobs' names, with the seconds of delay in each; `items` is how many things one
 * task of a loop does.
 */
export const roundTrips = (perTask, slow, slower, items) => ({
  text: `≤ ${perTask} round trips ${items ? 'an item' : 'a task'}`,
  judge(_, elsewhere) {
    const [a, b] = [slow, slower].map(({ job }) => elsewhere(job))
    if (!a?.play || !b?.play?.tasks) return undefined
    const trips = (b.play.median - a.play.median) / (slower.delay - slow.delay)
    const each = trips / (items ?? b.play.tasks)
    return {
      figure: `${each.toFixed(2)} (${trips.toFixed(0)} for ${items ? `${items} items` : `${b.play.tasks} tasks`})`,
      met: each <= perTask,
    }
  },
})
