import { describe, expect, it } from 'vitest'
import { Refusal } from '../../contract/errors.ts'
import type { Module } from '../../contract/module.ts'
import { assertModule } from '../../modules/control/assert.ts'
import { debugModule } from '../../modules/control/debug.ts'
import { failModule } from '../../modules/control/fail.ts'
import { setFactModule } from '../../modules/control/set-fact.ts'
import { waitForModule } from '../../modules/control/wait-for/index.ts'
import { statModule } from '../../modules/files/stat.ts'
import { pingModule } from '../../modules/system/ping.ts'
import { type FakeHostOptions, fakeHost } from '../support/fake-host.ts'

async function run(module: Module, args: unknown, options: FakeHostOptions = {}) {
  const host = fakeHost(options)
  const params = module.params.parse(args)
  const state = await module.inspect(host, params)
  const plan = module.plan(state, params)
  expect(plan).toMatchObject({ changes: [], steps: [] })
  return { host, plan, result: module.result?.({ state, params, plan, outputs: null }) }
}

describe('stat', () => {
  it('tells what is there', async () => {
    const { result } = await run(statModule, { path: '/f' }, { files: { '/f': 'abc' } })
    expect(result).toMatchObject({
      stat: {
        exists: true,
        isreg: true,
        isdir: false,
        mode: '0644',
        pw_name: 'root',
        size: 3,
        checksum: expect.stringMatching(/^ba7816bf/),
      },
    })
  })
  it('tells that nothing is there', async () => {
    expect((await run(statModule, { path: '/f' })).result).toEqual({ stat: { exists: false } })
  })
  it('tells a link, or follows it', async () => {
    const files = { '/l': { type: 'link', target: 'd' } as const, '/d/f': '' }
    expect((await run(statModule, { path: '/l' }, { files })).result).toMatchObject({
      stat: { islnk: true, lnk_target: 'd' },
    })
    expect((await run(statModule, { path: '/l', follow: true }, { files })).result).toMatchObject({
      stat: { isdir: true, path: '/d' },
    })
  })
})

describe('wait_for', () => {
  it('waits on the host with one command', async () => {
    const { host } = await run(
      waitForModule,
      { port: 5432, timeout: '10', delay: 2 },
      { reads: { 'timeout 12 bash*': '' } },
    )
    expect(host.commands[0]?.slice(-5)).toEqual(['127.0.0.1', '5432', 'started', '1', '2'])
  })
  it.each([
    [{ port: 1, timeout: 3 }, 'after 3 s, port 1 of 127.0.0.1 is still closed'],
    [{ path: '/f', state: 'absent', timeout: 3 }, 'after 3 s, /f is still there'],
    [{ port: 1, msg: 'no server' }, 'no server'],
  ])('says for %j what did not come', async (args, message) => {
    await expect(run(waitForModule, args, { reads: { 'timeout*': { code: 124 } } })).rejects.toThrow(message)
  })
  it('does not wait for what is only planned', async () => {
    const { host, plan } = await run(waitForModule, { port: 1 }, { planned: true })
    expect(host.commands).toEqual([])
    expect(plan.notes).toHaveLength(1)
  })
  it.each([
    [{}],
    [{ port: 1, path: '/f' }],
    [{ port: 0 }],
    [{ port: 1, search_regex: 'x' }],
    [{ port: 1, host: 'a;b' }],
  ])('refuses %j', (args) => {
    expect(waitForModule.params.safeParse(args).success).toBe(false)
  })
})

describe('set_fact', () => {
  it('gives facts of any type', async () => {
    expect((await run(setFactModule, { a: 1, b: ['x'] })).result).toEqual({
      ansible_facts: { a: 1, b: ['x'] },
    })
  })
  it('refuses what is no variable name', () => {
    expect(setFactModule.params.safeParse({ 'a-b': 1 }).success).toBe(false)
  })
})

describe('debug', () => {
  it('gives the message, or the value of a variable', async () => {
    expect((await run(debugModule, { msg: 'hi' })).result).toEqual({ msg: 'hi' })
    expect((await run(debugModule, { var: { text: 'a', value: [1] } })).result).toEqual({ a: [1], msg: [1] })
  })
})

describe('assert', () => {
  it('holds', async () => {
    expect((await run(assertModule, { that: [true, { text: 'a == 1', ok: true }] })).result).toEqual({
      msg: 'All assertions passed',
    })
  })
  it('names each condition that does not', async () => {
    const that = [
      { text: 'a == 1', ok: true },
      { text: 'b == 1', ok: false },
      { text: 'c == 1', ok: false },
    ]
    const refused = await run(assertModule, { that, fail_msg: 'no good' }).catch((error) => error)
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused).toMatchObject({
      message: 'no good',
      details: ['does not hold: b == 1', 'does not hold: c == 1'],
    })
  })
})

describe('fail and ping', () => {
  it('fails with the message', async () => {
    await expect(run(failModule, { msg: 'stop' })).rejects.toThrow('stop')
  })
  it('answers', async () => {
    const { result } = await run(pingModule, {}, {})
    expect(result).toEqual({ ping: 'pong' })
  })
})
