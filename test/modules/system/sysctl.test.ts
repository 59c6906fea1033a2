import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { sysctlModule as module } from '../../../modules/system/sysctl/index.ts'
import { type FakeFile, type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const FILE = '/etc/sysctl.d/60-postgresql.conf'
const KERNEL: Record<string, FakeFile> = {
  '/proc/sys/vm/swappiness': '60\n',
  '/proc/sys/vm/dirty_ratio': '20\n',
  '/proc/sys/vm/dirty_bytes': '0\n',
  '/proc/sys/vm/compact_memory': { mode: '0200', content: '' },
  '/proc/sys/kernel/osrelease': { mode: '0444', content: '6.1.0\n' },
  '/proc/sys/net/ipv4/tcp_rmem': '4096\t131072\t6291456\n',
  '/proc/sys/net/ipv4/conf/eth0.100/forwarding': '0\n',
}

async function planned(args: object, text?: string, more: FakeHostOptions = {}) {
  const params = module.params.parse({ sysctl_file: FILE, ...args })
  const files = { ...KERNEL, ...(text === undefined ? { '/etc/sysctl.d/README': '' } : { [FILE]: text }) }
  const host = fakeHost({ name: 'db1', ...more, files: { ...files, ...more.files } })
  return module.plan(await module.inspect(host, params), params)
}
const SWAPPINESS = { name: 'vm.swappiness', value: 10 }
const INTO_KERNEL = {
  do: 'exec',
  argv: ['tee', '/proc/sys/vm/swappiness'],
  stdin: '10\n',
  title: 'set vm.swappiness to 10',
}
const written = ({ steps }: { steps: readonly object[] }) =>
  steps.flatMap((step) => ('content' in step ? [String(step.content)] : []))[0]

it('sets the kernel, then writes the file, and shows both', async () => {
  const plan = await planned(SWAPPINESS)
  expect(plan.changes).toEqual([
    { path: 'kernel vm.swappiness', before: '60', after: '10' },
    { path: FILE, before: null, after: 'vm.swappiness=10\n', text: true },
  ])
  expect(plan.steps).toMatchObject([INTO_KERNEL, { do: 'write_file', path: FILE }])
  expect(plan.notes).toEqual([])
})

it('has nothing left to do after its own plan', async () => {
  for (const args of [SWAPPINESS, { ...SWAPPINESS, sysctl_set: true }, { ...SWAPPINESS, state: 'absent' }]) {
    const first = await planned(args, 'vm.swappiness = 30\n')
    expect(first.steps).not.toEqual([])
    const second = await planned(args, 'vm.swappiness = 30\n', { plans: [first] })
    expect(second).toMatchObject({ changes: [], steps: [] })
  }
})

describe('the kernel', () => {
  it('is set where it has another value, unless reload and sysctl_set say no', async () => {
    const there = 'vm.swappiness = 10\nvm.dirty_ratio = 5\n'
    const both = [{ argv: ['tee', '/proc/sys/vm/dirty_ratio'] }, INTO_KERNEL]
    expect((await planned(SWAPPINESS, there)).steps).toMatchObject(both)
    const later = { ...SWAPPINESS, reload: false }
    expect((await planned(later, there)).steps).toEqual([])
    expect((await planned(later)).steps).toMatchObject([{ do: 'write_file' }])
    const alone = { ...later, sysctl_set: true }
    expect((await planned(alone, there)).steps).toEqual([INTO_KERNEL])
    expect((await planned(alone)).steps).toMatchObject([INTO_KERNEL, { do: 'write_file' }])
  })
  it('is left alone where it has the value, whatever else the file sets', async () => {
    const plan = await planned({ ...SWAPPINESS, value: 60 }, 'vm.swappiness=60\nvm.dirty_ratio=5\nx.y=1\n')
    expect(plan).toMatchObject({ changes: [], steps: [], notes: [] })
  })
  it('has the value already, with tabs where the task has spaces', async () => {
    const plan = await planned({ name: 'net.ipv4.tcp_rmem', value: '4096  131072 6291456 ' })
    expect(plan.changes.map(({ path }) => path)).toEqual([FILE])
    expect(written(plan)).toBe('net.ipv4.tcp_rmem=4096  131072 6291456\n')
  })
  it('keeps what it has where the file sets it no longer', async () => {
    const plan = await planned(
      { name: 'vm.swappiness', state: 'absent', sysctl_set: true },
      'vm.swappiness=10\n',
    )
    expect(plan.steps).toMatchObject([{ do: 'write_file', content: Buffer.from('') }])
    expect((await planned({ name: 'vm.swappiness', state: 'absent' })).steps).toEqual([])
  })
  it('is given all that the file sets where something changes, the last line for each', async () => {
    const text = '# ours\nvm.dirty_ratio = 5\n; old\nvm.dirty_ratio = 10\nnet.ipv4.conf.*.rp_filter = 1\n'
    const plan = await planned(SWAPPINESS, text)
    expect(plan.changes.slice(0, -1)).toEqual([
      { path: 'kernel vm.dirty_ratio', before: '20', after: '10' },
      { path: 'kernel vm.swappiness', before: '60', after: '10' },
    ])
    expect(plan.notes).toEqual([
      `line 5 of ${FILE}, net.ipv4.conf.*.rp_filter, is not set now, but when the host starts`,
    ])
  })
  it('makes one of two settings 0 where the other one is set', async () => {
    const ratio = { name: 'vm.dirty_ratio', value: 20, sysctl_set: true }
    const plan = await planned({ name: 'vm.dirty_bytes', value: 268435456 })
    const next = await planned(ratio, 'vm.dirty_ratio=20\n', { plans: [plan] })
    expect(next.changes).toEqual([
      { path: 'kernel vm.dirty_ratio', before: '0', after: '20' },
      expect.objectContaining({ path: FILE }),
    ])
  })
  it('is reached by every spelling of a name', async () => {
    for (const name of ['net.ipv4.conf.eth0/100.forwarding', 'net/ipv4/conf/eth0.100/forwarding']) {
      const plan = await planned({ name, value: true })
      expect(plan.steps[0]).toMatchObject({ argv: ['tee', '/proc/sys/net/ipv4/conf/eth0.100/forwarding'] })
    }
    const same = { name: 'vm/swappiness', value: 60 }
    expect((await planned(same, 'vm.swappiness=60\n')).steps).toEqual([])
  })
})

describe('the file', () => {
  it.each([
    ['# a\nvm.swappiness = 60\nx.y=1', '# a\nvm.swappiness=10\nx.y=1'],
    ['-vm.swappiness=60\n', '-vm.swappiness=10\n'],
    ['vm/swappiness=10\nz.z=1\nvm.swappiness=60\n', 'z.z=1\nvm.swappiness=10\n'],
    ['#vm.swappiness=60', '#vm.swappiness=60\nvm.swappiness=10\n'],
    ['', 'vm.swappiness=10\n'],
  ])('%j becomes %j', async (before, after) => {
    expect(written(await planned({ ...SWAPPINESS, reload: false }, before))).toBe(after)
  })
  it('that nothing reads when the host starts is said', async () => {
    const args = { ...SWAPPINESS, sysctl_file: '/etc/sysctl.conf' }
    const note = `nothing reads /etc/sysctl.conf when the host starts: say sysctl_file: /etc/sysctl.d/60-NAME.conf to keep the value`
    expect((await planned(args)).notes).toEqual([note])
    const link = { '/etc/sysctl.d/99-sysctl.conf': { type: 'link', target: '../sysctl.conf' } } as const
    expect((await planned(args, '', { files: link })).notes).toEqual([])
  })
})

describe('the arguments', () => {
  it.each([
    [true, '1'],
    ['no', '0'],
    ['On', '1'],
    [0, '0'],
    ['|/usr/bin/x %p\n', '|/usr/bin/x %p'],
    [18446744073692774399n, '18446744073692774399'],
  ])('%s is %s to the kernel', (value, said) => {
    expect(module.params.parse({ name: 'a.b', value })).toMatchObject({ value: said })
  })
  it.each([
    [{ name: 'vm.swappiness' }, 'expected the value'],
    [{ name: 'vm.swappiness', value: ' ' }, 'expected a value: '],
    [{ name: 'vm.swappiness', value: '1\n2' }, 'expected a value: '],
    [{ name: 'vm.swappiness=1', value: 1 }, 'expected the name of a setting'],
    [{ name: 'net/../../etc/passwd', value: 1 }, 'expected the name of a setting'],
    [{ name: '../../../etc/passwd', value: 1 }, 'expected the name of a setting'],
    [{ name: '/etc/passwd', value: 1 }, 'expected the name of a setting'],
    [{ name: 'net.ipv4.conf.*.rp_filter', value: 1 }, 'expected the name of a setting'],
  ])('%j are refused', (args, message) => {
    expect(module.params.safeParse(args).error?.issues).toEqual([
      expect.objectContaining({ message: expect.stringContaining(message) }),
    ])
  })
})

it('refuses a setting that is read-only here, as in a container, unless it has the value', async () => {
  const mounts =
    'proc /proc proc rw 0 0\nproc /proc/sys proc rw 0 0\nproc /proc/sys proc ro,nosuid 0 0\nproc /proc/sys/net proc rw 0 0\n'
  const inside: FakeHostOptions = { files: { '/proc/self/mounts': mounts } }
  await expect(planned(SWAPPINESS, '', inside)).rejects.toThrow('/proc/sys is mounted read-only on db1')
  expect((await planned({ ...SWAPPINESS, value: 60 }, '', inside)).steps).toMatchObject([
    { do: 'write_file' },
  ])
  const rmem = { name: 'net.ipv4.tcp_rmem', value: '4096 87380 6291456' }
  expect((await planned(rmem, '', inside)).steps).toHaveLength(2)
})

describe('a setting that the kernel does not have', () => {
  const NONE = { name: 'vm.swapiness', value: 10 }
  it('is refused before anything is written', async () => {
    await expect(planned(NONE)).rejects.toMatchObject({
      name: 'Refusal',
      message: "the kernel of db1 has no setting 'vm.swapiness'",
      hint: expect.stringContaining('sysctl -a'),
    })
    await expect(planned(NONE, 'vm.swapiness=10\n')).rejects.toThrow('no setting')
  })
  it('is refused where a changed file sets it, with the line', async () => {
    await expect(planned(SWAPPINESS, '\nvm.swapiness=10\n')).rejects.toThrow(
      `line 2 of ${FILE} sets vm.swapiness: the kernel of db1 has no setting 'vm.swapiness'`,
    )
    expect((await planned(SWAPPINESS, '-vm.swapiness=10\n')).steps).toHaveLength(2)
  })
  it('is written for the next start with ignoreerrors, and where the kernel is not set', async () => {
    for (const more of [{ ignoreerrors: true }, { reload: false }])
      expect((await planned({ ...NONE, ...more })).steps).toMatchObject([{ do: 'write_file' }])
  })
  it('is unknown where a planned package may bring it', async () => {
    const facts = [predict(plannedPackagesKey(), ['nfs-kernel-server'])]
    await expect(planned(NONE, '', { facts })).rejects.toThrow(UnknownError)
  })
  it.each([
    ['vm.compact_memory', 'can only be written, and not read'],
    ['kernel.osrelease', 'can only be read, and not set'],
    ['net.ipv4', 'is a folder of settings'],
  ])('nor does it have %s to set', async (name, message) => {
    await expect(planned({ name, value: 1 })).rejects.toThrow(message)
  })
})
