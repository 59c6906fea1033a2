import { describe, expect, it } from 'vitest'
import { WAIT_PORT_SCRIPT } from '../../modules/control/wait-for/scripts.ts'
import { APT_PREVIEW_SCRIPT } from '../../modules/packages/shared/scripts.ts'
import { assertReadCommand } from '../../modules/read-commands.ts'
import { fakeHost } from '../support/fake-host.ts'

describe('assertReadCommand', () => {
  it.each([
    [['stat', '/etc']],
    [['systemctl', 'show', '-p', 'LoadState', '--', 'ssh.service']],
    [['find', '/etc', '-name', 'x', '-print', '-quit']],
    [['apt-get', '-s', '-y', 'install', 'vim']],
    [['apt-mark', 'showhold']],
    [['date', '+%s']],
    [['hostname', '-f']],
    [['sh', '-c', APT_PREVIEW_SCRIPT, 'play', 'all', 'install', 'vim']],
    [['timeout', '5', 'bash', '-c', WAIT_PORT_SCRIPT, 'play', 'localhost', '1']],
    [['/usr/lib/postgresql/15/bin/pg_controldata', '-D', '/x']],
  ])('allows %j', (argv) => {
    expect(() => assertReadCommand(argv)).not.toThrow()
  })

  it.each([
    [[]],
    [['rm', '-rf', '/']],
    [['sh', '-c', 'rm -rf /']],
    [['sh', '-c', `${APT_PREVIEW_SCRIPT}\nrm -rf /`]],
    [['bash', '-lc', WAIT_PORT_SCRIPT]],
    [['timeout', '5', 'rm', '-rf', '/']],
    [['find', '/', '-delete']],
    [['find', '/', '-exec', 'rm', '{}', ';']],
    [['find', '/', '-fprintf', '/etc/passwd', 'x']],
    [['apt-get', 'install', 'vim']],
    [['apt-get', 'update']],
    [['apt-mark', 'hold', 'vim']],
    [['dpkg', '--configure', '-a']],
    [['systemctl', 'stop', 'ssh']],
    [['hostname', 'new']],
    [['date', '-s', 'now']],
    [['/tmp/pg_controldata']],
    [['psql', '-c', 'select 1']],
  ])('refuses %j', (argv) => {
    expect(() => assertReadCommand(argv)).toThrow(/modules\/read-commands\.ts/)
  })

  it('is enforced by the fake host', async () => {
    await expect(fakeHost({ reads: { 'rm -rf /': '' } }).read(['rm', '-rf', '/'])).rejects.toThrow(
      'read commands',
    )
  })
})
