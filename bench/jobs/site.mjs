import { join } from 'node:path'
import { recap, succeeded, unchangedByHand } from '../checks.mjs'
import { atMost } from '../goals.mjs'
import { must } from '../measure.mjs'
import { ansible } from '../peers.mjs'

/** The whole four-host job, on hosts that have it already and on bare ones. */
export function siteJobs(bench) {
  return [
    {
      name: 'site-again',
      number: '1',
      title: 'site.yaml, nothing to change',
      settles: true,
      prepare: () =>
        must([...bench.play, 'playbooks/demo.yaml', '-i', bench.lab.inventory], { cwd: bench.root }),
      contestants: contestants(bench, { ok: 15, changed: 0 }, unchangedByHand),
      goals: [atMost(1 / 25, 'ansible', '1/25'), atMost(1 / 15, 'mitogen', '1/15'), atMost(0.8, 'hand')],
    },
    {
      name: 'site-bare',
      number: '2',
      title: 'site.yaml, from bare hosts',
      slow: true,
      before: () => bench.lab.reset(),
      contestants: contestants(bench, { ok: 15 }, succeeded).map((contestant) => ({
        ...contestant,
        verify: () => rowsEverywhere(bench.lab),
      })),
      goals: [atMost(1, 'hand')],
    },
  ]
}

function contestants({ play, lab, root, scratch }, expected, checkByHand) {
  const check = recap({ hosts: 4, ...expected })
  const key = join(root, 'lab/keys/pgdg.asc')
  return [
    { who: 'play', argv: [...play, 'playbooks/demo.yaml', '-i', lab.inventory], check },
    ...ansible(['-i', lab.inventory, 'bench/site/ansible.yaml'], { forks: 4, scratch, check }),
    {
      who: 'hand',
      argv: ['bench/site/by-hand.sh', lab.network, lab.key, lab.knownHosts, key, join(lab.inventory, 'ca')],
      check: checkByHand,
    },
  ]
}

/** Each contestant says so itself; here the servers are asked. */
function rowsEverywhere({ hosts, exec }) {
  const query = 'select (select count(*) from test where id = 1) + (select count(*) from test2 where id = 1)'
  for (const { name } of hosts) {
    const rows = exec(name, `cd / && runuser -u postgres -- psql -XAtc '${query}'`).trim()
    if (rows !== '2') throw new Error(`${name} has ${rows} of 2 sample rows`)
  }
  const standby = exec('vm4', "cd / && runuser -u postgres -- psql -XAtc 'select pg_is_in_recovery()'").trim()
  if (standby !== 't') throw new Error('vm4 is no standby')
}
