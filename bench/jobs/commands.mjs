import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printed, recap } from '../checks.mjs'
import { atMost, within } from '../goals.mjs'
import { ansible } from '../peers.mjs'
import { SMALLEST_PROGRAM } from '../smallest-program.mjs'

/** Commands that do nothing, one task each, and one task that loops. */
export function commandJobs(bench) {
  const tasks = (count, program = '/bin/true') => Array(count).fill(`    - command: ${program}`)
  const loop = [
    '    - command: /bin/echo {{ item }}',
    `      loop: [${Array.from({ length: 100 }, (_, i) => i)}]`,
  ]
  return [
    {
      ...job(bench, 'commands-25', tasks(25), { ok: 25, runs: '/bin/true', times: 25 }),
      number: '3a',
      title: '25 × /bin/true on four hosts',
      goals: [atMost(1 / 30, 'ansible', '1/30'), atMost(1 / 12, 'mitogen', '1/12')],
    },
    {
      ...job(bench, 'commands-1000', tasks(1000), { ok: 1000, runs: '/bin/true', times: 1000 }),
      number: '3b',
      title: '1,000 × /bin/true on four hosts',
      slow: true,
      goals: [within(3, 1000)],
    },
    {
      ...job(bench, 'loop-100', loop, { ok: 1, runs: '/bin/echo "$i"', times: 100 }),
      number: '3c',
      items: 100,
      title: 'a loop of 100 items on four hosts',
      goals: [],
    },
    {
      ...job(bench, 'nothing-1000', tasks(1000, SMALLEST_PROGRAM), {
        ok: 1000,
        runs: SMALLEST_PROGRAM,
        times: 1000,
      }),
      number: '3d',
      title: '1,000 × a program of one system call on four hosts',
      slow: true,
      goals: [within(3, 1000)],
    },
  ]
}

/** The same playbook for play and Ansible; by hand, a loop in one session a host, and one command on all hosts at a time. */
function job({ play, lab, scratch }, name, tasks, { ok, runs, times }) {
  const playbook = join(scratch, `${name}.yaml`)
  const text = `${['- hosts: all', '  gather_facts: false', '  tasks:', ...tasks].join('\n')}\n`
  const check = recap({ hosts: 4, ok, changed: ok })
  const script = `i=0; while [ $i -lt ${times} ]; do ${runs} >/dev/null || exit; i=$((i+1)); done; echo ran $i`
  const addresses = lab.hosts.map(({ address }) => address)
  return {
    name,
    prepare: () => writeFileSync(playbook, text),
    contestants: [
      { who: 'play', argv: [...play, playbook, '-i', lab.inventory], check },
      ...ansible(['-i', lab.inventory, playbook], { forks: 4, scratch, check }),
      {
        who: 'hand',
        argv: ['bench/by-hand/in-parallel.sh', lab.key, lab.knownHosts, script, ...addresses],
        check: printed(4, new RegExp(`^ran ${times}$`)),
      },
      ...(ok === times
        ? [
            {
              who: 'in-step',
              argv: ['bench/by-hand/in-step.sh', lab.key, lab.knownHosts, runs, `${times}`, ...addresses],
              check: printed(4, new RegExp(`^ran ${times}$`)),
            },
          ]
        : []),
    ],
  }
}
