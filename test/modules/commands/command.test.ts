import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { StepOutput } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { Unknown } from '../../../contract/unknown.ts'
import { commandModule } from '../../../modules/commands/command.ts'
import { shellModule } from '../../../modules/commands/shell.ts'
import { type FakeFile, fakeHost } from '../../support/fake-host.ts'

async function planFor(module: typeof commandModule, args: object, files: Record<string, FakeFile> = {}) {
  const params = module.params.parse(args)
  const state = await module.inspect(fakeHost({ files }), params)
  const plan = module.plan(state, params)
  return { plan, result: (outputs: StepOutput[] | null) => module.result!({ state, params, plan, outputs }) }
}
const output = (fields: Partial<StepOutput>): StepOutput => ({
  code: 0,
  stdout: '',
  stderr: '',
  seconds: 0.5,
  ...fields,
})

describe('command', () => {
  it('runs words, not a shell', async () => {
    const { plan } = await planFor(
      commandModule,
      { cmd: `echo 'a b' $HOME`, chdir: '/srv', stdin: 'x' },
      { '/srv/f': '' },
    )
    expect(plan.steps).toMatchObject([
      { do: 'exec', argv: ['echo', 'a b', '$HOME'], cwd: '/srv', stdin: 'x\n', ok: 'any', mayCut: true },
    ])
    expect(plan.changes).toEqual([{ path: 'command', before: null, after: `echo 'a b' '$HOME'` }])
  })

  it('says that a pipe is a plain word', async () => {
    const { plan } = await planFor(commandModule, { cmd: 'ls | wc -l' })
    expect(plan.notes).toEqual([expect.stringContaining('shell module')])
  })

  it.each([
    [{ creates: '/done' }, true],
    [{ creates: '/d*e' }, true],
    [{ creates: '/missing' }, false],
    [{ removes: '/done' }, false],
    [{ removes: '/missing' }, true],
  ])('with %j is skipped: %s', async (args, skipped) => {
    const { plan, result } = await planFor(commandModule, { argv: ['true'], ...args }, { '/done': '' })
    expect(plan.steps.length === 0).toBe(skipped)
    expect(plan.changes.length === 0).toBe(skipped)
    if (skipped) expect(result(null)).toMatchObject({ rc: 0, stdout: expect.stringContaining('skipped') })
  })

  it('gives what the command said', async () => {
    const { result } = await planFor(commandModule, { cmd: 'x' })
    expect(result([output({ stdout: 'a\nb\n' })])).toEqual({
      cmd: ['x'],
      rc: 0,
      stdout: 'a\nb',
      stderr: '',
      stdout_lines: ['a', 'b'],
      stderr_lines: [],
      delta: 0.5,
    })
  })

  it('fails with another exit code, which failed_when may judge', async () => {
    const { result } = await planFor(commandModule, { cmd: 'x' })
    expect(result([output({ code: 3, stderr: 'no' })])).toMatchObject({
      failed: true,
      rc: 3,
      stderr: 'no',
      msg: expect.stringContaining('3'),
    })
  })

  it('guesses nothing where it has not run', async () => {
    const { result } = await planFor(commandModule, { cmd: 'x' })
    const fields = result(null)
    for (const name of ['rc', 'stdout', 'stdout_lines', 'stderr'])
      expect(fields[name]).toBeInstanceOf(Unknown)
  })

  it('refuses a missing folder', async () => {
    await expect(planFor(commandModule, { cmd: 'x', chdir: '/gone' })).rejects.toBeInstanceOf(Refusal)
  })

  it.each([
    [{}],
    [{ cmd: 'a', argv: ['a'] }],
    [{ cmd: "echo 'a" }],
    [{ cmd: '  ' }],
    [{ argv: [] }],
    [{ cmd: 'a', create: '/x' }],
  ])('refuses %j before a host is touched', (args) => {
    expect(commandModule.params.safeParse(args).success).toBe(false)
  })
})

describe('shell', () => {
  it('gives the text to sh', async () => {
    const { plan } = await planFor(shellModule, { cmd: 'ls | wc -l' })
    expect(plan.steps).toMatchObject([{ argv: ['/bin/sh', '-c', 'ls | wc -l'] }])
  })
})

it('predicts the path that it creates, so that the same task after it has nothing to do', () => {
  const params = commandModule.params.parse({ argv: ['touch', '/a'], creates: '/a' })
  expect(commandModule.plan({}, params).predicts).toEqual([predict(fileKey('/a'), { type: 'file' })])
})
