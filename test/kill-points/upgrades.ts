import { HOSTS } from '../support/clients.ts'
import { failures } from '../support/converged.ts'
import { onGuest } from '../support/guests.ts'
import { makeNewer, newerUrl, removeNewer } from '../support/newer-package.ts'
import { named } from '../support/play.ts'
import { dropped, serving } from '../support/serving.ts'
import { onHosts } from '../support/tasks.ts'
import type { Scenario } from './scenario.ts'

const PACKAGE = 'postgresql-15'
const onAll = (text: string): Promise<string[]> => Promise.all(HOSTS.map((host) => onGuest(host, text)))

/** Each point upgrades to a version that is newer still. */
function minorUpgrade(): Scenario {
  let made = 0
  let versions = { old: '', newer: '' }
  return {
    name: 'minor-upgrade',
    every: 1,
    async begin() {
      versions = await makeNewer(PACKAGE, made)
      const repository = `- apt_repo: { name: newer, url: "${newerUrl}", suites: bookworm-pgdg, signed_by: /etc/apt/keyrings/pgdg.asc }`
      const bad = failures(await onHosts('all', repository))
      if (bad.length > 0) throw new Error(bad.join('\n'))
    },
    async prepare({ operator }) {
      made += 1
      versions = await makeNewer(PACKAGE, made)
      await onAll('rm -f /var/lib/apt/periodic/update-success-stamp')
      const { inventory, primary } = await operator.arrangement()
      return { playbook: 'minor-upgrade', args: ['-i', inventory], primary }
    },
    async after() {
      const look = `dpkg-query -Wf '\${Version} \${Status}' ${PACKAGE}; echo; dpkg --audit
        readlink "/proc/$(head -n 1 /var/lib/postgresql/15/main/postmaster.pid)/exe"`
      const wanted = `${versions.newer} install ok installed\n/usr/lib/postgresql/15/bin/postgres`
      return (await onAll(look)).flatMap((found, at) =>
        found === wanted ? [] : [`${HOSTS[at]} has ${found}`],
      )
    },
    async end() {
      removeNewer()
      const back = `- apt_repo: { name: newer, state: absent }
- apt_install: { name: "${PACKAGE}=${versions.old}", allow_downgrade: true, update_cache: true }`
      const bad = failures(await onHosts('all', back))
      if (bad.length > 0) throw new Error(bad.join('\n'))
    },
  }
}

/** The lab's repository holds one version: a second cluster of it stands in for the next. */
const next = (from: string, to: string): string[] => [
  ...serving(from),
  ...['-e', 'next_version=15', '-e', `next_cluster=${to}`],
]

const majorUpgrade: Scenario = {
  name: 'major-upgrade',
  every: 2,
  async prepare({ operator }) {
    const { inventory, primary } = await operator.arrangement()
    return { playbook: 'major-upgrade', args: ['-i', inventory, ...next('main', 'next')], primary }
  },
  // Filled, it is undone: what is left then was left by the run that was cut short.
  async after({ operator }) {
    const { inventory } = await operator.arrangement()
    const again = await operator.run('major-upgrade', inventory, ...next('main', 'next'))
    const cancel = [...next('main', 'next'), '-e', 'confirm=15/next']
    return [
      ...named(again, 'changed').map((task) => `once more changes ${task}`),
      ...failures(again),
      ...failures(await operator.run('major-cancel', inventory, ...cancel)),
    ]
  },
}

/** From main to next, and the next time back. */
function majorSwitch(): Scenario {
  let [serving, resting] = ['main', 'next']
  const fill: Scenario['prepare'] = async ({ operator, clients }) => {
    await onAll(dropped(resting))
    const { inventory, primary } = await operator.arrangement()
    await operator.mustRun('major-upgrade', inventory, ...next(serving, resting))
    await clients.stop()
    const args = ['-i', inventory, ...next(serving, resting), '-e', 'writes_stopped=yes']
    return { playbook: 'major-switch', args, primary }
  }
  return {
    name: 'major-switch',
    every: 3,
    prepare: fill,
    async after() {
      ;[serving, resting] = [resting, serving]
      return []
    },
    expected: () => ({ cluster: serving, resting: [resting] }),
    async end(bench) {
      if (serving !== 'main') {
        const { playbook, args } = await fill(bench)
        await bench.operator.mustRun(playbook, ...(args.slice(1) as [string]))
        bench.clients.resume()
      }
      await onAll(dropped('next'))
    },
  }
}

export const upgrades: Scenario[] = [minorUpgrade(), majorUpgrade, majorSwitch()]
