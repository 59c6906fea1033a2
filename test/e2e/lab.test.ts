import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, type Ran, root } from '../support/play.ts'

// A lab of its own beside the one that the other tests use, which stays as it is.
const NAME = 'selftest'
const env = { PLAY_LAB_NAME: NAME, PLAY_LAB_NETWORK: '10.19.0', PLAY_LAB_BRIDGE: '', PLAY_LAB_HOSTS: '4' }
const state = join(root, 'lab/.state', NAME)

const lab = (...args: string[]): Promise<Ran> => command(['lab/lab', ...args], { env })

/** Runs a lab command that must succeed; what it printed. */
async function done(...args: string[]): Promise<string> {
  const ran = await lab(...args)
  expect(ran.stderr + ran.stdout).not.toMatch(/error/)
  expect(ran.code).toBe(0)
  return ran.stdout.trim()
}

/** The hosts' states, in order: `running yes` is a host that can be logged in to. */
async function states(): Promise<string[]> {
  const rows = (await done('status')).split('\n').slice(1)
  return rows.map((row) => row.split(/\s+/)).map(([, , condition, , ssh]) => `${condition} ${ssh}`)
}

const ALL_UP = Array(4).fill('running yes')

/** Everything of this lab that the kernel knows: processes, mounts, interfaces. */
async function traces(): Promise<string> {
  const script = `pgrep -af -- ${state}/ | grep -v pgrep; grep -F ${state}/ /proc/mounts; ls /sys/class/net | grep ${NAME}; true`
  return (await command(['bash', '-c', script])).stdout
}

beforeAll(async () => {
  await done('up')
})

afterAll(async () => {
  await done('down')
})

describe('up', () => {
  it('does nothing to hosts that are up', async () => {
    await done('exec', 'vm4', 'touch', '/run/still-the-same-boot')
    await done('up')
    await done('exec', 'vm4', 'test', '-e', '/run/still-the-same-boot')
    expect(await states()).toEqual(ALL_UP)
  })

  it('writes an inventory for a lab that is not the default one', async () => {
    expect(await done('inventory')).toBe(join(state, 'inventory'))
    expect((await command(['grep', '-r', '10.15.0', join(state, 'inventory')])).stdout).toBe('')
  })

  it('repairs a host whose container was killed, and keeps its disk', async () => {
    await done('ssh', 'vm2', 'echo kept > file && sync')
    const supervisor = `^systemd-nspawn .*--directory=${state}/hosts/vm2/root`
    expect((await command(['pkill', '-KILL', '-f', supervisor])).code).toBe(0)
    expect((await states())[1]).toBe('broken -')
    await done('up')
    expect(await states()).toEqual(ALL_UP)
    expect(await done('ssh', 'vm2', 'cat file')).toBe('kept')
  })

  it('refuses the name and the network of a lab of another checkout', async () => {
    const other = { ...env, PLAY_LAB_STATE: `${state}-other` }
    const sameName = await command(['lab/lab', 'up'], { env: other })
    const sameNetwork = await command(['lab/lab', 'up'], { env: { ...other, PLAY_LAB_NAME: 'second' } })
    await command(['rm', '-rf', `${state}-other`])
    for (const ran of [sameName, sameNetwork]) {
      expect(ran.code).toBe(1)
      expect(ran.stderr).toContain(state)
      expect(ran.stderr).toContain('PLAY_LAB_NAME')
    }
    expect(await states()).toEqual(ALL_UP)
  })

  it('takes the name and the network of a lab that was ended from outside', async () => {
    const abandoned = 'br-gone'
    const network = '10.18.0'
    await command(['ip', 'link', 'add', abandoned, 'type', 'bridge'])
    await command(['ip', 'link', 'set', abandoned, 'alias', `play-lab ${state}-gone/lab/.state/gone`])
    await command(['ip', 'address', 'add', `${network}.1/24`, 'dev', abandoned])
    const other = { ...env, PLAY_LAB_NAME: 'gone', PLAY_LAB_NETWORK: network, PLAY_LAB_HOSTS: '1' }
    const up = await command(['lab/lab', 'up'], { env: other })
    const down = await command(['lab/lab', 'down'], { env: other })
    expect(up.stderr + up.stdout).toContain(`left behind (${state}-gone/lab/.state/gone)`)
    expect([up.code, down.code]).toEqual([0, 0])
    expect(await states()).toEqual(ALL_UP)
  })
})

describe('a host', () => {
  it('comes back when it reboots itself', async () => {
    const bootOf = async () => (await lab('ssh', 'vm3', 'stat -c %Y /run/systemd/system')).stdout
    await done('exec', 'vm3', 'touch', '/run/before-the-reboot')
    await lab('ssh', 'vm3', 'sudo sh -c "systemctl reboot"')
    await expect.poll(bootOf, { timeout: 20_000 }).toMatch(/\d/)
    await expect
      .poll(() => lab('exec', 'vm3', 'test', '!', '-e', '/run/before-the-reboot').then((ran) => ran.code))
      .toBe(0)
  })

  it('can be cut off from the network, and from one other host', async () => {
    const reaches = async (address: string): Promise<boolean> =>
      (await lab('exec', 'vm1', 'timeout', '2', 'bash', '-c', `: </dev/tcp/${address}/22`)).code === 0
    await done('net', 'vm1', 'cut', 'vm2')
    expect(await Promise.all(['10.19.0.12', '10.19.0.13'].map(reaches))).toEqual([false, true])
    await done('net', 'vm1', 'cut')
    expect(await reaches('10.19.0.13')).toBe(false)
    await done('net', 'vm1', 'heal')
    await expect.poll(() => reaches('10.19.0.12'), { timeout: 10_000 }).toBe(true)
  })
})

it('reset gives a bare host with the same host key', async () => {
  await done('ssh', 'vm4', 'sudo sh -c "touch /root/made-by-hand"')
  await done('reset', 'vm4')
  expect(
    await done(
      'ssh',
      'vm4',
      'sudo sh -c "ls /root"; ls /etc/apt/sources.list.d /var/lib/dpkg/info | grep postgresql || true',
    ),
  ).toBe('')
})

it('down leaves no process, mount or interface, also of a lab that was half killed', async () => {
  await command(['pkill', '-KILL', '-f', `^systemd-nspawn .*--directory=${state}/hosts/vm[12]/root`])
  expect(await traces()).not.toBe('')
  await done('down')
  expect(await traces()).toBe('')
  await done('down')
})
