import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../../runner/hosts/spec.ts'
import type { Connection } from '../../../../runner/hosts/types.ts'
import { changeFiles, type FileStep } from '../../../../runner/run/files/change.ts'
import { attributesOf, canRead, letRead } from '../../../support/access-list.ts'

const idOf = (...args: string[]) => Number(execFileSync('id', args, { encoding: 'utf8' }))
const THEIR = idOf('-u', 'games')
const THEIR_GROUP = idOf('-g', 'games')

/** What a folder of another user gives to what root makes there, and what he has put there to be given root's content. */
describe.runIf(process.getuid?.() === 0)(
  'what root makes in a folder of another user',
  {
    timeout: 60_000,
  },
  () => {
    let host: Connection
    let top: string
    let theirs: string
    beforeAll(async () => {
      host = await connect(connectionSpec('localhost', {}, {}))
    })
    afterAll(() => host.close())
    beforeEach(() => {
      top = mkdtempSync(join(tmpdir(), 'play-handed-'))
      chmodSync(top, 0o755)
      theirs = join(top, 'theirs')
      mkdirSync(theirs)
      chownSync(theirs, THEIR, THEIR_GROUP)
      return () => rmSync(top, { recursive: true })
    })
    const change = (...steps: FileStep[]) => changeFiles(steps, host, undefined)
    const write = (path: string, more = {}): FileStep => ({ do: 'write_file', path, content: 'new', ...more })
    const ROOTS = { owner: 'root', group: 'root' }

    it('has none of the lists that the folder hands down, nor hands them on', async () => {
      letRead(theirs, THEIR, true)
      const [file, folder] = [join(theirs, 'file'), join(theirs, 'way/folder')]
      await change(
        write(file, { ...ROOTS, mode: '0640' }),
        { do: 'directory', path: folder, ...ROOTS, mode: '0750' },
        write(join(folder, 'file'), { mode: '0640' }),
      )
      for (const path of [file, join(theirs, 'way'), folder, join(folder, 'file')])
        expect(attributesOf(path), path).toBe('')
      expect([canRead(file, THEIR), statSync(file).mode & 0o7777]).toEqual([false, 0o640])
      expect(statSync(join(theirs, 'way')).mode & 0o7777).toBe(0o755)
      expect(statSync(folder).mode & 0o7777).toBe(0o750)
    })

    it('has none in a folder of root either that another program has made there', async () => {
      letRead(theirs, THEIR, true)
      const folder = join(theirs, 'folder')
      execFileSync('mkdir', [folder])
      expect(attributesOf(folder)).toContain('posix_acl_default')
      await change(write(join(folder, 'file'), { mode: '0640' }))
      expect(attributesOf(join(folder, 'file'))).toBe('')
      // Nor does a folder that is given to another owner keep what its old one allowed.
      mkdirSync(join(theirs, 'own'))
      chownSync(join(theirs, 'own'), THEIR, THEIR_GROUP)
      letRead(join(theirs, 'own'), THEIR, true)
      await change({ do: 'directory', path: join(theirs, 'own'), ...ROOTS, mode: '0755' })
      expect(attributesOf(join(theirs, 'own'))).toBe('')
      writeFileSync(join(theirs, 'given'), 'x')
      chownSync(join(theirs, 'given'), THEIR, THEIR_GROUP)
      letRead(join(theirs, 'given'), THEIR)
      await change({ do: 'attributes', path: join(theirs, 'given'), ...ROOTS, mode: '0640' })
      expect(attributesOf(join(theirs, 'given'))).toBe('')
    })

    it('has not the list of a file of root to which that user has given its name', async () => {
      for (const mode of ['0640', undefined]) {
        const path = join(theirs, 'conf')
        writeFileSync(join(theirs, 'log'), 'a log that he may read')
        letRead(join(theirs, 'log'), THEIR)
        renameSync(join(theirs, 'log'), path)
        await change(write(path, { mode }))
        expect([attributesOf(path), readFileSync(path, 'utf8')]).toEqual(['', 'new'])
        expect(canRead(path, THEIR)).toBe(false)
        // Without its list the group has what that said of it, not what it said of all others than the owner.
        expect(statSync(path).mode & 0o7777).toBe(mode ? 0o640 : 0o600)
      }
    })

    it('has not the group of one either', async () => {
      const path = join(theirs, 'conf')
      writeFileSync(path, 'root made it in a folder that gives its group', { mode: 0o644 })
      chownSync(path, 0, THEIR_GROUP)
      await expect(change(write(path, { mode: '0640' }))).rejects.toThrow(/say which group it is to have/)
      await change(write(path, { mode: '0644' }))
      await change(write(path, { mode: '0640', group: 'root' }))
      chownSync(path, THEIR, THEIR_GROUP)
      await change(write(path, { mode: '0640', owner: 'root' }))
      expect(statSync(path)).toMatchObject({ uid: 0, gid: 0, mode: 0o100640 })
    })

    it('keeps the list of a file of his that stays his', async () => {
      const path = join(theirs, 'own')
      writeFileSync(path, 'old', { mode: 0o600 })
      chownSync(path, THEIR, THEIR_GROUP)
      letRead(path, idOf('-u', 'mail'))
      const before = attributesOf(path)
      await change(write(path))
      expect(attributesOf(path)).toBe(before)
    })

    it("is of root's group, though the folder gives its own to what is made in it", async () => {
      chmodSync(theirs, 0o2755)
      const file = join(theirs, 'file')
      await change(write(file, { mode: '0640' }), { do: 'directory', path: join(theirs, 'folder') })
      expect(statSync(file)).toMatchObject({ uid: 0, gid: 0, mode: 0o100640 })
      expect(statSync(join(theirs, 'folder'))).toMatchObject({ uid: 0, gid: 0, mode: 0o40755 })
      await change(write(join(theirs, 'said'), { mode: '0640', group: 'games' }))
      expect(statSync(join(theirs, 'said')).gid).toBe(THEIR_GROUP)
      const shared = join(top, 'shared')
      mkdirSync(shared)
      chownSync(shared, 0, THEIR_GROUP)
      chmodSync(shared, 0o2775)
      await change(write(join(shared, 'file')), { do: 'directory', path: join(shared, 'folder') })
      expect(statSync(join(shared, 'file')).gid).toBe(0)
      // What root's own folder gives to folders is root's wish.
      expect(statSync(join(shared, 'folder')).gid).toBe(THEIR_GROUP)
    })

    it('is not written into a file that one of the group has put there', async () => {
      const shared = join(top, 'shared')
      mkdirSync(shared)
      chownSync(shared, 0, THEIR_GROUP)
      chmodSync(shared, 0o2775)
      const path = join(shared, 'conf')
      writeFileSync(path, '', { mode: 0o600 })
      chownSync(path, THEIR, THEIR_GROUP)
      await expect(change(write(path))).rejects.toThrow(/belongs to user games.*say whose it is to be/)
      await change(write(path, { owner: 'root' }))
      expect(statSync(path).uid).toBe(0)
    })
  },
)
