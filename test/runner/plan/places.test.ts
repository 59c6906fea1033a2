import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startSshd, type TestServer, withoutSshd } from '../hosts/sshd.ts'
import { tasks, useScratch } from './scratch.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describe.skipIf(withoutSshd)(
  `where a plan is applied${withoutSshd ? ` (skipped: ${withoutSshd})` : ''}`,
  () => {
    const scratch = useScratch()
    let one: TestServer
    let two: TestServer
    beforeAll(async () => {
      one = await startSshd()
      two = await startSshd()
      copyFileSync(join(one.dir, 'authorized_keys'), join(two.dir, 'authorized_keys'))
      writeFileSync(
        join(one.dir, 'known_hosts'),
        `[127.0.0.1]:${one.port} ${one.hostKey}\n[127.0.0.1]:${two.port} ${two.hostKey}\n`,
      )
    })
    afterAll(() => Promise.all([one.stop(), two.stop()]))

    const hosts = (port: number, more = '') =>
      `a ansible_port=${port} ${more}
[all:vars]
ansible_host=127.0.0.1
ansible_user=root
ansible_ssh_private_key_file=${one.dir}/id
ansible_ssh_common_args='-F /dev/null -o UserKnownHostsFile=${one.dir}/known_hosts'
`
    const SITE = tasks('shell: touch DIR/done')

    it('is where it was made for', async () => {
      scratch().write({ hosts: hosts(one.port), 'site.yaml': SITE })
      expect(await scratch().check()).toBe(0)
      expect(await scratch().refused()).toBe(undefined)
      expect(scratch().exists('done')).toBe(true)
    })
    it.each([
      ['another machine', () => hosts(two.port), () => `127.0.0.1:${two.port}`],
      ['this machine', () => hosts(one.port, 'ansible_connection=local'), () => 'this machine'],
    ])('is no other place, such as %s', async (_what, between, place) => {
      scratch().write({ hosts: hosts(one.port), 'site.yaml': SITE })
      expect(await scratch().check()).toBe(0)
      scratch().write({ hosts: between() })
      expect(await scratch().refused()).toContain(
        `a: shell: planned on 127.0.0.1:${one.port}, and now on ${place()}`,
      )
      expect(scratch().exists('done')).toBe(false)
    })
    it('is this machine where the command line said so, and the inventory does not', async () => {
      scratch().write({
        hosts: hosts(one.port),
        'site.yaml': tasks('shell: echo "${SSH_CONNECTION-here}" > DIR/done'),
      })
      expect(await scratch().check('-c', 'local')).toBe(0)
      expect(await scratch().refused()).toBe(undefined)
      expect(scratch().read('done')).toBe('here\n')
    })
  },
)
