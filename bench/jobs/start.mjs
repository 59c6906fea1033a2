import { printed, succeeded } from '../checks.mjs'
import { within } from '../goals.mjs'
import { ansible } from '../peers.mjs'

/** What needs no host: how long until the program says something. */
export function startJobs({ play, scratch }) {
  const site = ['playbooks/site.yaml', '-i', 'inventory']
  const theirs = (args, check) =>
    ansible(args, { forks: 4, scratch, check }).filter(({ who }) => who === 'ansible')
  const sameFlag = (name, number, flag, check) => ({
    name,
    number,
    title: `${flag} of site.yaml`,
    contestants: [
      { who: 'play', argv: [...play, ...site, flag], check },
      ...theirs(['bench/site/ansible.yaml', '-i', 'inventory', flag], succeeded),
    ],
    goals: [within(200)],
  })
  return [
    {
      name: 'version',
      number: '7a',
      title: '--version',
      contestants: [
        { who: 'play', argv: [...play, '--version'], check: printed(1, /\d+\.\d+\.\d+/) },
        ...theirs(['--version'], succeeded),
      ],
      goals: [within(120)],
    },
    sameFlag('syntax-check', '7b', '--syntax-check', succeeded),
    sameFlag('list-tasks', '7c', '--list-tasks', succeeded),
  ]
}
