import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { WriteFileStep } from '../../../../contract/plan.ts'
import { connect } from '../../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../../runner/hosts/spec.ts'
import type { Connection } from '../../../../runner/hosts/types.ts'
import { changeFiles } from '../../../../runner/run/files/change.ts'

let host: Connection
let dir: string
beforeAll(async () => {
  host = await connect(connectionSpec('localhost', {}, {}))
})
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-files-'))
})
afterAll(() => host.close())

const at = (name: string) => join(dir, name)
const step = (name: string, content: string | Buffer, more: Partial<WriteFileStep> = {}): WriteFileStep => ({
  do: 'write_file',
  path: at(name),
  content,
  ...more,
})
const modeOf = (name: string) => (statSync(at(name)).mode & 0o7777).toString(8)

it('writes many files, whatever their names and bytes', async () => {
  const every = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
  const names = ['plain', 'with space', "quo'te", 'new\nline', 'back\\slash', '-n', 'é']
  await changeFiles([...names.map((name) => step(name, every)), step('empty', '')], host, undefined)
  for (const name of names) expect(readFileSync(at(name)).equals(every), name).toBe(true)
  expect(readFileSync(at('empty'), 'utf8')).toBe('')
  expect(readdirSync(dir)).toHaveLength(names.length + 1)
})

it('gives each its mode, keeps that of a file that is there, and replaces a link', async () => {
  writeFileSync(at('kept'), 'old')
  chmodSync(at('kept'), 0o640)
  symlinkSync('kept', at('link'))
  await changeFiles(
    [
      step('new', 'a'),
      step('own', 'b', { mode: '0600' }),
      step('kept', 'c'),
      step('link', 'd', { replacesLink: true }),
    ],
    host,
    undefined,
  )
  expect(['new', 'own', 'kept', 'link'].map(modeOf)).toEqual(['644', '600', '640', '644'])
  expect(readFileSync(at('kept'), 'utf8')).toBe('c')
})

it('leaves every file as it was when one cannot be written', async () => {
  writeFileSync(at('first'), 'old')
  mkdirSync(at('folder'))
  const failing = [step('first', 'new'), step('missing/second', 'x')]
  await expect(changeFiles(failing, host, undefined)).rejects.toThrow(
    `cannot write ${at('missing/second')}: No such file or directory`,
  )
  const unknown = [step('first', 'new'), step('second', 'x', { owner: 'nobody-knows' })]
  await expect(changeFiles(unknown, host, undefined)).rejects.toThrow("there is no user 'nobody-knows'")
  expect(readFileSync(at('first'), 'utf8')).toBe('old')
  expect(readdirSync(dir).sort()).toEqual(['first', 'folder'])
  rmSync(dir, { recursive: true })
})

it('says how many are there when one fails in the end', { timeout: 60_000 }, async () => {
  const steps = Array.from({ length: 510 }, (_, index) => step(`f${index}`, 'x'))
  let done = 0
  const onDone = (more: number) => {
    done += more
  }
  await expect(changeFiles([...steps, step('no/such', 'x')], host, undefined, { onDone })).rejects.toThrow(
    'no/such',
  )
  expect(done).toBe(500)
  // What shows that it cannot be written is left out; what shows late leaves those before it there.
  const failing = [step('a', 'x'), step('b', 'x'), step('no/c', 'x'), step('d', 'x')]
  await expect(changeFiles(failing, host, undefined, { onDone })).rejects.toThrow(at('no/c'))
  expect(done).toBe(500)
  expect(readdirSync(dir).filter((name) => /^[abcd.]/.test(name))).toEqual([])
})

it('a large file that cannot be read fails its own task', async () => {
  const gone = { ...step('x', ''), content: { controllerFile: at('gone') } }
  await expect(changeFiles([gone], host, undefined)).rejects.toThrow(/gone/)
  const late = { ...step('x', ''), content: { controllerFile: dir } }
  await expect(changeFiles([late], host, undefined)).rejects.toThrow()
  expect(readdirSync(dir)).toEqual([])
})

it('what a program on the host prints is written there, with its mode, and nothing where it fails', async () => {
  const output = {
    ...step('made', ''),
    mode: '0600',
    content: { output: ['sh', '-c', 'echo made; echo why >&2'] },
  }
  await changeFiles([output], host, undefined)
  expect(readFileSync(at('made'), 'utf8')).toBe('made\n')
  expect(modeOf('made')).toBe('600')
  const failing = { ...output, content: { output: ['sh', '-c', 'echo half; echo no luck >&2; exit 3'] } }
  await expect(changeFiles([failing], host, undefined)).rejects.toThrow(/no luck/)
  expect(readFileSync(at('made'), 'utf8')).toBe('made\n')
  expect(readdirSync(dir)).toEqual(['made'])
})

it('a file that its check refuses is not there', async () => {
  const checked = step('checked', 'new', { validate: ['grep', '-q', 'old', '%s'] })
  await expect(changeFiles([checked], host, undefined)).rejects.toThrow(/cannot write/)
  await changeFiles([{ ...checked, content: 'old' }], host, undefined)
  expect(readFileSync(at('checked'), 'utf8')).toBe('old')
  expect(readdirSync(dir)).toEqual(['checked'])
})

it.runIf(process.getuid?.() === 0)(
  'keeps what it replaces apart: once for each run, the last ten, root alone',
  async () => {
    const kept = `/var/backups/play${dir}`
    const old = Array.from({ length: 10 }, (_, n) => `conf.2020010${n}T000000Z`)
    try {
      writeFileSync(at('conf'), 'by hand')
      chmodSync(at('conf'), 0o640)
      mkdirSync(kept, { recursive: true, mode: 0o700 })
      for (const name of [...old, 'conf.d.20200101T000000Z']) writeFileSync(join(kept, name), name)
      await changeFiles(
        [step('conf', 'one', { keep: true }), step('fresh', 'x', { keep: true })],
        host,
        undefined,
      )
      await changeFiles([step('conf', 'two', { keep: true })], host, undefined)
      const names = readdirSync(kept).sort()
      expect(names.filter((name) => name.includes('2020'))).toEqual([
        ...old.slice(1),
        'conf.d.20200101T000000Z',
      ])
      expect(names).toHaveLength(11)
      const copy = join(kept, names.find((name) => name > 'conf.2021' && !name.startsWith('conf.d'))!)
      expect(readFileSync(copy, 'utf8')).toBe('by hand')
      expect((statSync(copy).mode & 0o7777).toString(8)).toBe('640')
      expect((statSync(kept).mode & 0o7777).toString(8)).toBe('700')
      expect(readFileSync(at('conf'), 'utf8')).toBe('two')
      expect(readdirSync(dir).sort()).toEqual(['conf', 'fresh'])
      // What a server is about to write itself.
      writeFileSync(at('auto.conf'), 'by the server')
      await changeFiles([{ do: 'attributes', path: at('auto.conf'), keep: true }], host, undefined)
      const auto = readdirSync(kept).find((name) => name.startsWith('auto.conf.'))!
      expect(readFileSync(join(kept, auto), 'utf8')).toBe('by the server')
      rmSync(at('auto.conf'))
      chmodSync(kept, 0o777)
      await expect(changeFiles([step('conf', 'three', { keep: true })], host, undefined)).rejects.toThrow(
        /others than root may write/,
      )
      expect(readFileSync(at('conf'), 'utf8')).toBe('two')
    } finally {
      rmSync(kept, { recursive: true })
    }
  },
)
