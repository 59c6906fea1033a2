import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { helpText } from '../../../runner/cli.ts'
import { vaultCommand } from '../../../runner/commands/vault/index.ts'
import { PlayError } from '../../../runner/errors.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { formatPlayError } from '../../../runner/report/errors.ts'
import { root } from '../../support/command.ts'
import { files } from '../load/files.ts'

/** As main.ts does it, without the time that a process takes to start. */
async function play(dir: string, words: string[], env: Record<string, string> = {}, input = '') {
  const output: Buffer[] = []
  const streams = {
    input: Readable.from([Buffer.from(input)]),
    output: new Writable({ write: (part, _, done) => done(void output.push(part)) }),
  }
  const [from, editor] = [process.cwd(), process.env.EDITOR]
  process.chdir(dir)
  if (env.EDITOR !== undefined) process.env.EDITOR = env.EDITOR
  try {
    await vaultCommand(parseArguments(['vault', ...words], env), streams)
    return { code: undefined, stdout: Buffer.concat(output).toString(), error: '' }
  } catch (error) {
    if (!(error instanceof PlayError)) throw error
    return { code: error.code, stdout: '', error: formatPlayError(error, false) }
  } finally {
    process.chdir(from)
    if (editor === undefined) delete process.env.EDITOR
    else process.env.EDITOR = editor
  }
}
const must = async (...args: Parameters<typeof play>): Promise<string> => {
  const { error, stdout } = await play(...args)
  expect(error).toBe('')
  return stdout
}
const read = (dir: string, name: string): string => readFileSync(join(dir, name), 'utf8')
const PW = ['--vault-password-file', 'pw']

describe('files', () => {
  it('are encrypted, shown, given another password and decrypted where they are; others do not read them then', async () => {
    const dir = files({ pw: 'one', new: 'two', f: 'a: 1\n', g: 'b: 2\n' })
    chmodSync(join(dir, 'f'), 0o644)
    await must(dir, ['encrypt', ...PW, 'f', 'g'])
    expect(read(dir, 'f')).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/)
    expect(await must(dir, ['view', ...PW, 'f', 'g'])).toBe('a: 1\nb: 2\n')
    await must(dir, ['rekey', ...PW, '--new-vault-id', 'prod@new', 'f'])
    expect(read(dir, 'f')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
    expect((await play(dir, ['view', ...PW, 'f'])).error).toMatch(/f:1:1: error\[vault\]: .*prod/)
    await must(dir, ['decrypt', '--vault-id', 'new', 'f'])
    expect(read(dir, 'f')).toBe('a: 1\n')
    expect(statSync(join(dir, 'f')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir).sort()).toEqual(['f', 'g', 'new', 'pw'])
  })

  it('what is no file is written to, and stays what it is', async () => {
    const dir = files({ pw: 'one', f: 'a: 1\n', log: 'before\n' })
    await must(dir, ['encrypt', ...PW, 'f'])
    execFileSync('mkfifo', [join(dir, 'pipe')])
    symlinkSync('pipe', join(dir, 'link'))
    for (const name of ['pipe', 'link']) {
      const reader = spawn('cat', [join(dir, 'pipe')], { stdio: ['ignore', 'pipe', 'ignore'] })
      const heard: Buffer[] = []
      reader.stdout.on('data', (part) => heard.push(part))
      const ended = new Promise((resolve) => reader.once('close', resolve))
      await must(dir, ['decrypt', ...PW, '--output', name, 'f'])
      await ended
      expect(Buffer.concat(heard).toString()).toBe('a: 1\n')
    }
    expect(lstatSync(join(dir, 'pipe')).isFIFO()).toBe(true)
    expect(lstatSync(join(dir, 'link')).isSymbolicLink()).toBe(true)

    // What a shell has opened to append to is appended to.
    const log = openSync(join(dir, 'log'), 'a')
    await must(dir, ['decrypt', ...PW, '--output', `/dev/fd/${log}`, 'f'])
    closeSync(log)
    expect(read(dir, 'log')).toBe('before\na: 1\n')

    const { error } = await play(dir, ['encrypt', ...PW, 'pipe'])
    expect(error).toMatch(/pipe is no file.*\n.*--output/s)
  })

  it('a link to a file that is not there yet stays one', async () => {
    const dir = files({ pw: 'one', f: 'a: 1\n' })
    symlinkSync('new', join(dir, 'link'))
    await must(dir, ['encrypt', ...PW, '--output', 'link', 'f'])
    expect(lstatSync(join(dir, 'link')).isSymbolicLink()).toBe(true)
    expect(read(dir, 'new')).toMatch(/^\$ANSIBLE_VAULT/)
  })

  it('a link stays one, and standard input and output do for files', async () => {
    const dir = files({ pw: 'one', f: 'a\n' })
    symlinkSync('f', join(dir, 'link'))
    await must(dir, ['encrypt', ...PW, 'link'])
    expect(lstatSync(join(dir, 'link')).isSymbolicLink()).toBe(true)
    const text = await must(dir, ['decrypt', ...PW, '--output', '-', 'link'])
    expect(text).toBe('a\n')
    const sealed = await must(dir, ['encrypt', ...PW], {}, 'in\n')
    expect(await must(dir, ['decrypt', ...PW], {}, sealed)).toBe('in\n')
  })

  it('none is written when one of them cannot be opened', async () => {
    const dir = files({ pw: 'one', f: 'a\n', g: 'plain\n' })
    await must(dir, ['encrypt', ...PW, 'f'])
    const before = read(dir, 'f')
    for (const action of ['decrypt', 'rekey']) {
      const more = action === 'rekey' ? ['--new-vault-id', 'pw'] : []
      const { code, error } = await play(dir, [action, ...PW, ...more, 'f', 'g'])
      expect(code).toBe('vault')
      expect(error).toMatch(/g:1:1: error\[vault\]: this is no text of ansible-vault/)
    }
    expect(read(dir, 'f')).toBe(before)
    expect((await play(dir, ['encrypt', ...PW, 'g', 'f'])).error).toMatch(/f is encrypted already/)
    expect(read(dir, 'g')).toBe('plain\n')
  })

  it('of several passwords it is to be said which encrypts', async () => {
    const dir = files({ a: 'one', b: 'two', f: 'x\n' })
    const both = ['--vault-id', 'a@a', '--vault-id', 'b@b']
    expect((await play(dir, ['encrypt', ...both, 'f'])).error).toMatch(/several vault passwords/)
    await must(dir, ['encrypt', ...both, '--encrypt-vault-id', 'b', 'f'])
    expect(read(dir, 'f')).toMatch(/;b\n/)
    expect((await play(dir, ['encrypt', ...both, '--encrypt-vault-id', 'c', 'a'])).code).toBe('usage')
    expect(await must(dir, ['view', 'f'], { ANSIBLE_VAULT_IDENTITY_LIST: 'a@a, b@b' })).toBe('x\n')
    expect(await must(dir, ['view', 'f'], { ANSIBLE_VAULT_PASSWORD_FILE: 'b' })).toBe('x\n')
  })
})

describe('the editor', () => {
  it('gets a file that only this user reads, in a folder that is gone afterwards, and its text is encrypted again', async () => {
    const dir = files({
      pw: 'one',
      'edit.sh':
        '#!/bin/sh\nstat -c "%a" "$1" "${1%/*}" >seen; echo "$1" >>seen; echo b >>"$1"; touch "$1~"\n',
    })
    chmodSync(join(dir, 'edit.sh'), 0o755)
    const EDITOR = './edit.sh'
    await must(dir, ['create', ...PW, 'new.yaml'], { EDITOR })
    const [mode, folderMode, path = ''] = read(dir, 'seen').split('\n')
    expect([mode, folderMode]).toEqual(['600', '700'])
    expect(path).toMatch(/\/new\.yaml$/)
    expect(existsSync(join(path, '..'))).toBe(false)
    expect(statSync(join(dir, 'new.yaml')).mode & 0o777).toBe(0o600)
    await must(dir, ['edit', ...PW, 'new.yaml'], { EDITOR })
    expect(await must(dir, ['view', ...PW, 'new.yaml'])).toBe('b\nb\n')
    expect((await play(dir, ['create', ...PW, 'new.yaml'], { EDITOR })).error).toMatch(/is there already/)
  })

  it('that fails, or changes nothing, leaves the file as it was', async () => {
    const dir = files({ pw: 'one', f: 'a\n' })
    await must(dir, ['encrypt', ...PW, 'f'])
    const before = read(dir, 'f')
    await must(dir, ['edit', ...PW, 'f'], { EDITOR: 'true' })
    expect(read(dir, 'f')).toBe(before)
    const { code, error } = await play(dir, ['edit', ...PW, 'f'], { EDITOR: 'sh -c "echo x >\\$0; exit 3"' })
    expect([code, read(dir, 'f')]).toEqual(['vault', before])
    expect(error).toMatch(/ended with 3; nothing was changed/)
  })

  it('is ended with play, and what it held is removed', async () => {
    const dir = files({
      pw: 'one',
      f: 'a\n',
      'edit.sh': '#!/bin/sh\nexec 2>&1\necho "$1"\nexec sleep 1000\n',
    })
    chmodSync(join(dir, 'edit.sh'), 0o755)
    await must(dir, ['encrypt', ...PW, 'f'])
    const before = read(dir, 'f')
    const env = { ...process.env, EDITOR: './edit.sh' }
    const program = ['--import', import.meta.resolve('tsx'), join(root, 'runner/main.ts')]
    const child = spawn(process.execPath, [...program, 'vault', 'edit', ...PW, 'f'], { cwd: dir, env })
    const path = await firstLine(child)
    expect(existsSync(path)).toBe(true)
    child.kill('SIGTERM')
    await new Promise((done) => child.once('close', done))
    expect(existsSync(join(path, '..'))).toBe(false)
    expect(read(dir, 'f')).toBe(before)
    // Two starts of a program that is compiled first.
  }, 120_000)
})

it('texts become values for a YAML file, in the order that ansible-vault has', async () => {
  const dir = files({ pw: 'one' })
  const yaml = await must(
    dir,
    ['encrypt-string', ...PW, '--stdin-name', 'a', '--name', 'b', 'two', 'three'],
    {},
    'one',
  )
  const parts = yaml.split(/(?=^\S)/m)
  expect(parts.map((part) => part.split('\n', 1)[0])).toEqual(['a: !vault |', 'b: !vault |', '!vault |'])
  const texts = parts.map((part) =>
    part
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .join('\n'),
  )
  const opened = []
  for (const text of texts) opened.push(await must(dir, ['decrypt', ...PW], {}, text))
  expect(opened).toEqual(['one', 'two', 'three'])
})

it('what is missing is told with what to type', async () => {
  const dir = files({ pw: 'one', f: 'a\n' })
  expect((await play(dir, ['shred'])).error).toMatch(/no action shred[\s\S]*rekey/)
  expect((await play(dir, ['view', 'f'])).error).toMatch(/there is no terminal/)
  expect((await play(dir, ['view', ...PW, 'none'])).error).toMatch(
    /none cannot be read: there is no such file/,
  )
  expect((await play(dir, ['edit', ...PW])).error).toMatch(/takes one file/)
  expect(helpText('vault')).toMatch(/encrypt-string/)
  const { command, mode, vault } = parseArguments(['vault', 'rekey', '--help'])
  expect([command, mode]).toEqual(['vault', 'help'])
  expect(helpText(command, vault?.action)).toMatch(/--new-vault-id/)
})

function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (part) => {
      text += String(part)
      if (text.includes('\n')) resolve(text.split('\n', 1)[0]!)
    })
    child.once('close', () => reject(new Error(`ended: ${text}`)))
  })
}
