import { expect, test } from 'vitest'
import type { Output } from '../../../contract/host.ts'
import type { Exit } from '../../../runner/hosts/channel.ts'
import { LocalTransport } from '../../../runner/hosts/local.ts'
import { type Command, Shell } from '../../../runner/hosts/shell.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'

test('a command that cannot be killed is given up at its time limit, and those behind it are handed back', async () => {
  const channel = await new LocalTransport(connectionSpec('localhost', {}, {})).open('exec /bin/sh')
  const left: Command[] = []
  let first!: Promise<Output>
  const ended = new Promise<Exit>((resolve) => {
    const kill = async () => {}
    const shell = new Shell(channel, 'umask 022', {
      kill,
      ended: (exit, waiting) => {
        left.push(...waiting)
        resolve(exit)
      },
    })
    const run = (text: string, timeout?: number) =>
      new Promise<Output>((done, reject) => shell.run({ text, timeout, resolve: done, reject }))
    first = run('(echo begun; exec sleep 2)', 0.1)
    void run('echo behind')
  })
  expect(await first).toMatchObject({ code: 124, stdout: 'begun\n' })
  expect((await ended).lost).toBe(false)
  expect(left.map(({ text }) => text)).toEqual(['echo behind'])
})
