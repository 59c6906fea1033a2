import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inventory, onHost, type Played, playJson } from '../support/play.ts'

/** What systemd says of units, and what tasks say of them: in a check, a run, and a run again. */
const ETC = '/etc/systemd/system'
/** Where a package's would be: a unit of /etc cannot be masked. */
const LIB = '/usr/local/lib/systemd/system'
const INSTALL = '[Install]\\nWantedBy=multi-user.target\\n'
const unit = (name: string, text: string, folder = ETC): string =>
  `printf '${text}' > ${folder}/units-${name}; systemctl daemon-reload`
const sleeps = (more = ''): string => `[Service]\\nExecStart=/bin/sleep infinity\\n${more}`

/** The first drop-in of a unit: systemd's NeedDaemonReload says nothing of it. */
const dropIn = (name: string, text: string): string =>
  `rm -rf ${ETC}/units-${name}.service.d; systemctl daemon-reload; mkdir ${ETC}/units-${name}.service.d; printf '${text}' > ${ETC}/units-${name}.service.d/a.conf`

interface Case {
  /** Commands that make what the task finds. */
  before: string
  /** Commands right before it, in the check too, of which systemd has not read. */
  unread?: string
  task: Record<string, object>
  /** Of a check, a run, and a run again. */
  is: [check: string, run: string, again: string]
  /** What the error or note of the run says. */
  says?: RegExp
  /** A command, and what it says after the run. */
  leaves?: [string, string]
}
const CHANGED: Case['is'] = ['changed', 'changed', 'ok']
const OK: Case['is'] = ['ok', 'ok', 'ok']
const NEVER: Case['is'] = ['failed', 'failed', 'failed']
/** A check cannot see it, and each run says so. */
const DIES: Case['is'] = ['changed', 'failed', 'failed']

const isEnabled = (name: string): string => `systemctl is-enabled units-${name} 2>/dev/null || true`

const CASES: Record<string, Case> = {
  'a condition that is not met': {
    before: unit('cond.service', `[Unit]\\nConditionPathExists=/nonexistent\\n${sleeps()}`),
    task: { service: { name: 'units-cond', state: 'started' } },
    is: DIES,
    says: /units-cond.service does not run[\s\S]*unmet condition check \(ConditionPathExists=\/nonexistent\)/,
  },
  'a condition that is met no longer': {
    before: `touch /run/units-there; ${unit('gone.service', `[Unit]\\nConditionPathExists=/run/units-there\\n${sleeps()}`)}; systemctl start units-gone; rm /run/units-there`,
    task: { systemd: { name: 'units-gone', state: 'restarted' } },
    is: DIES,
    says: /unmet condition check/,
  },
  'a program that ends well at once': {
    before: unit('ends.service', '[Service]\\nExecStart=/bin/true\\n'),
    task: { service: { name: 'units-ends', state: 'started' } },
    is: DIES,
    says: /has passed it over, or its program has ended/,
  },
  'a job that is to end': {
    before: unit('job.service', '[Service]\\nType=oneshot\\nExecStart=/bin/touch /run/units-job\\n'),
    task: { service: { name: 'units-job', state: 'started' } },
    is: ['changed', 'changed', 'changed'],
    leaves: ['ls /run/units-job', '/run/units-job'],
  },
  'a program that ends and is started again': {
    before: unit(
      'loops.service',
      '[Service]\\nExecStart=/bin/sh -c "exit 3"\\nRestart=always\\nRestartSec=30\\n',
    ),
    task: { service: { name: 'units-loops', state: 'started' } },
    is: DIES,
    says: /starts it again and again/,
  },
  'a program that runs for a while between its starts': {
    before: unit('polls.service', '[Service]\\nExecStart=/bin/true\\nRestart=always\\nRestartSec=30\\n'),
    task: { service: { name: 'units-polls', state: 'started' } },
    is: CHANGED,
  },
  'a program that dies of its reload': {
    before: `${unit('hup.service', sleeps('ExecReload=/bin/kill -HUP $MAINPID\\n'))}; systemctl start units-hup`,
    task: { service: { name: 'units-hup', state: 'reloaded' } },
    // The second time it does not run, and is started.
    is: ['changed', 'failed', 'changed'],
    says: /the look at units-hup after its reload/,
  },
  'the first drop-in of a unit, read at once': {
    before: `${unit('web.service', sleeps())}; systemctl start units-web`,
    unread: dropIn('web', '[Service]\\nLimitNOFILE=4096\\n'),
    task: { systemd: { name: 'units-web', state: 'restarted', daemon_reload: true } },
    is: ['changed', 'changed', 'changed'],
    leaves: [
      'grep "open files" /proc/$(systemctl show --value -p MainPID units-web)/limits | tr -s " "',
      'Max open files 4096 4096 files',
    ],
  },
  'units are read alone': {
    before: `${unit('read.service', sleeps())}; systemctl start units-read`,
    unread: dropIn('read', '[Unit]\\nDescription=read\\n'),
    task: { systemd: { daemon_reload: true } },
    is: OK,
    leaves: ['systemctl show --value -p Description units-read', 'read'],
  },
  'enabled until the next boot, to be enabled': {
    before: `${unit('short.service', sleeps(INSTALL))}; systemctl enable --runtime units-short`,
    task: { service: { name: 'units-short', enabled: true } },
    is: CHANGED,
    leaves: [isEnabled('short'), 'enabled'],
  },
  'enabled until the next boot, to be disabled': {
    before: `${unit('off.service', sleeps(INSTALL))}; systemctl enable --runtime units-off`,
    task: { systemd: { name: 'units-off', enabled: false } },
    is: CHANGED,
    leaves: [isEnabled('off'), 'disabled'],
  },
  'enabled twice, to be disabled': {
    before: `${unit('twice.service', sleeps(INSTALL))}; systemctl enable --runtime units-twice; systemctl enable units-twice`,
    task: { service: { name: 'units-twice', enabled: false } },
    is: CHANGED,
    leaves: [isEnabled('twice'), 'disabled'],
  },
  'enabled by a generator': {
    before: `printf '#!/bin/sh\\nmkdir -p $1/multi-user.target.wants; ln -s ${ETC}/units-gen@.service $1/multi-user.target.wants/units-gen@one.service\\n' > /run/systemd/system-generators/units
      chmod 755 /run/systemd/system-generators/units; ${unit('gen@.service', sleeps(INSTALL))}`,
    task: { service: { name: 'units-gen@one', enabled: true } },
    is: OK,
    leaves: [isEnabled('gen@one'), 'enabled-runtime'],
  },
  'enabled by a generator, to be disabled': {
    before: ':',
    task: { service: { name: 'units-gen@one', enabled: false } },
    is: NEVER,
    says: /enabled by a generator, at each boot anew, and cannot be disabled/,
  },
  'a link that was removed by hand': {
    before: `${unit('link.service', sleeps(INSTALL))}`,
    unread: `systemctl enable --now units-link; systemctl show units-link >/dev/null; rm ${ETC}/multi-user.target.wants/units-link.service`,
    task: { service: { name: 'units-link', enabled: true } },
    is: ['changed', 'changed', 'changed'],
    leaves: [isEnabled('link'), 'enabled'],
  },
  'a script of init.d, to be enabled': {
    before:
      "printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: units-old\\n# Required-Start:\\n# Required-Stop:\\n# Default-Start: 2 3 4 5\\n# Default-Stop: 0 1 6\\n### END INIT INFO\\n' > /etc/init.d/units-old; chmod 755 /etc/init.d/units-old; systemctl daemon-reload",
    task: { service: { name: 'units-old', enabled: true } },
    is: CHANGED,
    leaves: ['ls /etc/rc5.d | grep units-old$', 'S01units-old'],
  },
  'a script of init.d, to be disabled': {
    before:
      'sed s/units-old/units-older/ /etc/init.d/units-old > /etc/init.d/units-older; chmod 755 /etc/init.d/units-older; update-rc.d units-older defaults; systemctl daemon-reload',
    task: { service: { name: 'units-older', enabled: false } },
    is: CHANGED,
    leaves: ['ls /etc/rc5.d | grep units-older$', 'K01units-older'],
  },
  'a service that its socket starts': {
    before: `${unit('sock.socket', '[Socket]\\nListenStream=/run/units-sock\\n[Install]\\nWantedBy=sockets.target\\n')}; ${unit('sock.service', sleeps('[Install]\\nAlso=units-sock.socket\\n'))}`,
    task: { service: { name: 'units-sock', enabled: true } },
    is: CHANGED,
    leaves: [isEnabled('sock.socket'), 'enabled'],
  },
  'a socket that was enabled with its service': {
    before: ':',
    task: { service: { name: 'units-sock.socket', enabled: true } },
    is: OK,
  },
  'a service that is stopped, and whose socket is not': {
    before: `${unit('ear.socket', '[Socket]\\nListenStream=/run/units-ear\\n')}; ${unit('ear.service', sleeps())}; systemctl start units-ear.socket units-ear.service`,
    task: { service: { name: 'units-ear', state: 'stopped' } },
    is: CHANGED,
    says: /units-ear.socket may start it again at any time/,
  },
  'an alias': {
    before: `${unit('real.service', sleeps(`${INSTALL}Alias=units-other.service\\n`))}; ln -s units-real.service ${ETC}/units-name.service; systemctl daemon-reload`,
    task: { service: { name: 'units-name', enabled: true } },
    is: CHANGED,
    leaves: [isEnabled('real'), 'enabled'],
  },
  'what it is an alias of': {
    before: ':',
    task: { service: { name: 'units-real', enabled: true } },
    is: OK,
  },
  'masked until the next boot, to be masked': {
    before: `mkdir -p ${LIB}; ${unit('mask.service', sleeps(), LIB)}; systemctl mask --runtime units-mask`,
    task: { service: { name: 'units-mask', masked: true } },
    is: CHANGED,
    leaves: [isEnabled('mask'), 'masked'],
  },
  'masked twice, to be unmasked': {
    before: `${unit('unmask.service', sleeps(), LIB)}; systemctl mask units-unmask; systemctl mask --runtime units-unmask`,
    task: { service: { name: 'units-unmask', masked: false } },
    is: CHANGED,
    leaves: [isEnabled('unmask'), 'static'],
  },
  'masked, to be enabled': {
    before: `${unit('hidden.service', sleeps(INSTALL), LIB)}; systemctl mask units-hidden`,
    task: { service: { name: 'units-hidden', masked: false, enabled: true, state: 'started' } },
    is: CHANGED,
    leaves: [isEnabled('hidden'), 'enabled'],
  },
  'masked, and to be enabled all the same': {
    before: `${unit('veiled.service', sleeps(INSTALL), LIB)}; systemctl mask units-veiled`,
    task: { service: { name: 'units-veiled', enabled: true } },
    is: NEVER,
    says: /is masked, so nothing can start or enable it/,
  },
  'one of /etc, to be masked': {
    before: unit('own.service', sleeps()),
    task: { service: { name: 'units-own', masked: true } },
    is: NEVER,
    says: /its own unit file \/etc\/systemd\/system\/units-own.service is where the mask would be/,
  },
  'one that cannot be loaded': {
    before: unit('bad.service', '[Service]\\nType=simple\\n'),
    task: { service: { name: 'units-bad', state: 'started' } },
    is: NEVER,
    says: /cannot load the unit of the service 'units-bad': bad-setting/,
  },
  // Behind what is unknown a check knows less.
  'a drop-in that makes it reload': {
    before: `${unit('more.service', sleeps())}; systemctl start units-more`,
    unread: dropIn('more', '[Service]\\nExecReload=/bin/touch /run/units-more\\n'),
    task: { systemd: { name: 'units-more', state: 'reloaded', daemon_reload: true } },
    is: ['unknown', 'changed', 'changed'],
    leaves: ['ls /run/units-more', '/run/units-more'],
  },
  'a mount that only fstab has': {
    before: 'mkdir -p /srv/units',
    unread: "grep -q units /etc/fstab || echo 'tmpfs /srv/units tmpfs size=64k 0 0' >> /etc/fstab",
    task: { systemd: { name: 'srv-units.mount', state: 'started', daemon_reload: true } },
    is: ['unknown', 'changed', 'ok'],
    leaves: ['findmnt -no FSTYPE /srv/units', 'tmpfs'],
  },
}

const folder = mkdtempSync(join(tmpdir(), 'play-units-'))
const playbook = join(folder, 'units.yaml')
const run = (...more: string[]): Promise<Played> => playJson([playbook, '-i', inventory, ...more])
const clean = `systemctl stop 'units-*' srv-units.mount 2>/dev/null; sed -i '/units/d' /etc/fstab
  for u in short off twice link sock real hidden; do systemctl disable units-$u; systemctl disable --runtime units-$u; done 2>/dev/null
  rm -rf ${ETC}/units-* ${LIB}/units-* /run/systemd/system/units-* /run/systemd/system-generators/units /run/units-* /srv/units /etc/init.d/units-* /etc/rc?.d/*units-*
  systemctl daemon-reload; systemctl reset-failed`

describe('units', () => {
  let check: Played
  let done: Played
  let again: Played
  beforeAll(async () => {
    const tasks = Object.entries(CASES).flatMap(([name, { unread, task }]) => [
      ...(unread === undefined ? [] : [{ shell: unread, check_mode: false, changed_when: false }]),
      { name, ...task },
    ])
    writeFileSync(
      playbook,
      JSON.stringify([{ hosts: 'vm1', become: true, gather_facts: false, ignore_errors: true, tasks }]),
    )
    await onHost('vm1', clean)
    await onHost(
      'vm1',
      `mkdir -p /run/systemd/system-generators; exec >/dev/null 2>&1\n${Object.values(CASES)
        .map(({ before }) => before)
        .join('\n')}\ntrue`,
    )
    check = await run('--check')
    done = await run()
    again = await run()
  }, 300_000)
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await onHost('vm1', clean)
  })

  it.each(Object.entries(CASES))('%s', async (name, { is, says, leaves }) => {
    const results = [check, done, again].map(({ results }) => results.find(({ task }) => task === name))
    expect(
      results.map((result) => result?.status),
      JSON.stringify(results),
    ).toEqual(is)
    if (says) expect(JSON.stringify(results[1])).toMatch(says)
    if (leaves) expect(await onHost('vm1', leaves[0])).toBe(leaves[1])
  })

  it('a template is no unit', async () => {
    writeFileSync(playbook, '- hosts: vm1\n  tasks:\n    - service: { name: units-gen@, state: started }\n')
    const { code, stderr, stdout } = await run('--check')
    expect(code).not.toBe(0)
    expect(stderr + stdout).toMatch(/'units-gen@' is a template: name an instance of it/)
  })
})
