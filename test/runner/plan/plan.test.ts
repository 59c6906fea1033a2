import {
  chmodSync,
  existsSync,
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyCommand } from '../../../runner/commands/apply.ts'
import { playCommand } from '../../../runner/commands/run.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { noDestructive } from '../../../runner/plan/guards.ts'
import type { Event, Reporter } from '../../../runner/report/events.ts'

let dir: string
const quiet: Reporter = { report: (_event: Event) => {}, close: async () => {} }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-plan-'))
  writeFileSync(join(dir, 'hosts.ini'), 'h1 ansible_connection=local\n')
  writeFileSync(
    join(dir, 'site.yaml'),
    `- hosts: all
  gather_facts: false
  vars: { db_password: not-for-the-plan }
  tasks:
    - copy: { dest: ${dir}/a, content: "wanted\\n" }
    - copy: { dest: ${dir}/b, content: "{{ db_password }}" }
`,
  )
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const check = (...more: string[]) =>
  playCommand(
    parseArguments([
      join(dir, 'site.yaml'),
      '-i',
      join(dir, 'hosts.ini'),
      '--check',
      '--out',
      join(dir, 'plan.json'),
      ...more,
    ]),
    quiet,
  )
const apply = (...more: string[]) =>
  applyCommand(parseArguments(['apply', join(dir, 'plan.json'), '--no-lock', ...more]), quiet)

describe('a plan', () => {
  it('is what apply does', async () => {
    expect(await check()).toBe(0)
    expect(existsSync(join(dir, 'a'))).toBe(false)
    expect(await apply()).toBe(0)
    expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('wanted\n')
  })
  it('is made anew where a file that others may read is there', async () => {
    writeFileSync(join(dir, 'plan.json'), 'old')
    chmodSync(join(dir, 'plan.json'), 0o666)
    await check()
    expect(statSync(join(dir, 'plan.json')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir).sort()).toEqual(['hosts.ini', 'plan.json', 'site.yaml'])
  })
  it('is never written through a link', async () => {
    writeFileSync(join(dir, 'other'), 'mine')
    symlinkSync(join(dir, 'other'), join(dir, 'plan.json'))
    await expect(check()).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining('it is a link'),
    })
    expect(readFileSync(join(dir, 'other'), 'utf8')).toBe('mine')
  })
  it('is refused where a host changed since, and the difference is named', async () => {
    await check()
    writeFileSync(join(dir, 'a'), 'other\n')
    await expect(apply()).rejects.toMatchObject({
      code: 'plan',
      details: [expect.stringContaining('h1: copy')],
    })
    expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('other\n')
    expect(existsSync(join(dir, 'b'))).toBe(false)
  })
  it('holds no secret given with -e, wants the same names again, and is readable by its owner alone', async () => {
    await check('-e', 'db_password=top-secret-value')
    const text = readFileSync(join(dir, 'plan.json'), 'utf8')
    expect(text).not.toContain('top-secret-value')
    expect(statSync(join(dir, 'plan.json')).mode & 0o777).toBe(0o600)
    await expect(apply()).rejects.toMatchObject({ code: 'usage', details: ['missing: -e db_password=…'] })
    expect(await apply('-e', 'db_password=top-secret-value')).toBe(0)
    expect(readFileSync(join(dir, 'b'), 'utf8')).toBe('top-secret-value')
  })
  it('of another schema is refused', async () => {
    writeFileSync(join(dir, 'plan.json'), '{"schema": 99}')
    await expect(apply()).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining('schema 99'),
    })
  })
})

it('--no-destructive refuses what drops, restarts or replaces, and nothing else', () => {
  const task = { play: 'p', task: 't', host: 'h', item: null }
  const change = { path: 'cluster 15/main', before: 'running', after: 'restarted' }
  const refuses = (destructive?: boolean) =>
    noDestructive(task, { changes: [{ ...change, destructive }], steps: [] })
  expect(() => refuses()).not.toThrow()
  expect(() => refuses(true)).toThrow(/no-destructive/)
})
