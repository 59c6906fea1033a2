import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WriteFileStep } from '../../../../contract/plan.ts'
import { connect } from '../../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../../runner/hosts/spec.ts'
import type { Connection } from '../../../../runner/hosts/types.ts'
import { changeFiles } from '../../../../runner/run/files/change.ts'
import { attributesOf, canRead, letRead, setAttribute } from '../../../support/access-list.ts'

const GAMES = Number(execFileSync('id', ['-u', 'games'], { encoding: 'utf8' }))
const GROUP = Number(execFileSync('id', ['-g', 'games'], { encoding: 'utf8' }))
const MAIL = Number(execFileSync('id', ['-u', 'mail'], { encoding: 'utf8' }))

describe.runIf(process.getuid?.() === 0)(
  'what a file has besides owner and mode',
  { timeout: 60_000 },
  () => {
    let host: Connection
    let dir: string
    let path: string
    beforeAll(async () => {
      host = await connect(connectionSpec('localhost', {}, {}))
    })
    afterAll(() => host.close())
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'play-carry-'))
      chmodSync(dir, 0o755)
      path = join(dir, 'file')
      writeFileSync(path, 'old', { mode: 0o640 })
      return () => rmSync(dir, { recursive: true })
    })
    const write = (more: Partial<WriteFileStep> = {}) =>
      changeFiles([{ do: 'write_file', path, content: 'new', ...more }], host, undefined)

    it('comes along when it is written: who may read it still may, and nobody else', async () => {
      letRead(path, GAMES)
      setAttribute(path, 'user.note', Buffer.from('mine'))
      setAttribute(path, 'trusted.note', Buffer.from([0, 255]))
      const before = attributesOf(path)
      await write()
      expect(readFileSync(path, 'utf8')).toBe('new')
      expect([canRead(path, GAMES), canRead(path, MAIL)]).toEqual([true, false])
      expect(attributesOf(path)).toBe(before)
      expect(statSync(path).mode & 0o7777).toBe(0o640)
    })

    it('comes along to the copy that is kept beside', async () => {
      letRead(path, GAMES)
      await write({ backup: true })
      const copy = readdirSync(dir).find((name) => name.endsWith('~'))!
      expect(readFileSync(join(dir, copy), 'utf8')).toBe('old')
      expect([canRead(join(dir, copy), GAMES), canRead(join(dir, copy), MAIL)]).toEqual([true, false])
    })

    it('gives way to the mode that is wanted, as with chmod', async () => {
      letRead(path, GAMES)
      await write({ mode: '0600' })
      expect(statSync(path).mode & 0o7777).toBe(0o600)
      expect(canRead(path, GAMES)).toBe(false)
      await write({ mode: '0644' })
      expect([canRead(path, GAMES), canRead(path, MAIL)]).toEqual([true, true])
    })

    it('comes along to a new owner that the task names', async () => {
      letRead(path, GAMES)
      await write({ owner: 'mail', group: 'mail' })
      expect([canRead(path, GAMES), statSync(path).uid]).toEqual([true, MAIL])
    })

    it('does not come along where another user may have put it there for that', async () => {
      chmodSync(dir, 0o777)
      chownSync(path, GAMES, 0)
      letRead(path, GAMES)
      await write({ owner: 'root', mode: '0640' })
      expect(canRead(path, GAMES)).toBe(false)
    })

    it('stays as it is where the folder hands an access list down that the file does not have', async () => {
      letRead(dir, GAMES, true)
      await write()
      expect(canRead(path, GAMES)).toBe(false)
      rmSync(path)
      await write({ mode: '0640' })
      expect(canRead(path, GAMES)).toBe(true)
    })

    it('rights that held for the old bytes do not come along', async () => {
      // cap_net_raw=ep
      setAttribute(
        path,
        'security.capability',
        Buffer.from('0100000200200000000000000000000000000000', 'hex'),
      )
      await write()
      expect(attributesOf(path)).toBe('')
    })

    it('is kept by a user who writes his own', async () => {
      mkdirSync(join(dir, 'theirs'))
      chownSync(join(dir, 'theirs'), GAMES, GAMES)
      path = join(dir, 'theirs/file')
      writeFileSync(path, 'old', { mode: 0o600 })
      chownSync(path, GAMES, GROUP)
      letRead(path, MAIL)
      await changeFiles([{ do: 'write_file', path, content: 'new' }], host, 'games')
      expect([readFileSync(path, 'utf8'), canRead(path, MAIL)]).toEqual(['new', true])
    })
  },
)
