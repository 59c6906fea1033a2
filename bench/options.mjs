import { parseArgs } from 'node:util'

const USAGE = `npm run bench -- [OPTIONS]

  --job NAMES          only these jobs, with commas between them: names, or numbers of the list (3 is 3a, 3b and 3c)
  --who NAMES          only these contestants (play is always there): play,ansible,mitogen,hand,…
  --rounds N           rounds that count (5)
  --slow-rounds N      rounds of the jobs that take minutes (as --rounds)
  --peer-rounds N      rounds of those jobs in which Ansible and Mitogen take part, the first ones (as --slow-rounds)
  --short              for CI: two rounds of jobs 1, 3a and 7 without Ansible and Mitogen; nothing is saved
  --play FILE          measure this bundle instead of building one
  --results FOLDER     where latest.md and latest.json are (bench/results); jobs that are not run keep their figures
  --no-save            print only
  --keep-lab           leave the lab up
  --list               list the jobs
`

/** The command line of run.mjs as settings; prints the usage and ends the process where that is asked for. */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      job: { type: 'string' },
      who: { type: 'string' },
      rounds: { type: 'string' },
      'slow-rounds': { type: 'string' },
      'peer-rounds': { type: 'string' },
      short: { type: 'boolean', default: false },
      play: { type: 'string' },
      results: { type: 'string', default: 'bench/results' },
      save: { type: 'boolean', default: true },
      'keep-lab': { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowNegative: true,
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const rounds = positive('--rounds', values.rounds ?? (values.short ? '2' : '5'))
  const slowRounds = values['slow-rounds'] ? positive('--slow-rounds', values['slow-rounds']) : rounds
  const peerRounds = values['peer-rounds'] ? positive('--peer-rounds', values['peer-rounds']) : slowRounds
  return {
    jobs: words(values.job ?? (values.short ? '1,3a,7' : undefined)),
    who: words(values.who ?? (values.short ? 'play,hand,in-step' : undefined)),
    rounds,
    slowRounds,
    /** Of a job: in how many rounds Ansible and Mitogen take part. */
    peerRounds: ({ slow }) => (slow ? peerRounds : rounds),
    play: values.play,
    results: values.results,
    save: values.save && !values.short,
    keepLab: values['keep-lab'],
    list: values.list,
  }
}

function words(text) {
  return text?.split(',').filter(Boolean)
}

function positive(name, text) {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} is '${text}'; expected 1 or more`)
  return number
}
