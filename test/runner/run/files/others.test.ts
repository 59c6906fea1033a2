import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WriteFileStep } from '../../../../contract/plan.ts'
import { connect } from '../../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../../runner/hosts/spec.ts'
import type { Connection } from '../../../../runner/hosts/types.ts'
import { changeFiles, type FileStep } from '../../../../runner/run/files/change.ts'
import { type FoundFile, readFile } from '../../../../runner/run/files/read.ts'

/** The user whose folder it is, and who would like to have root's files. */
const THEIR = Number(execFileSync('id', ['-u', 'games'], { encoding: 'utf8' }))

/** Root at work in a folder of another user. */
describe.runIf(process.getuid?.() === 0)('where another user may write', { timeout: 60_000 }, () => {
  let host: Connection
  let top: string
  let theirs: string
  let secret: string
  beforeAll(async () => {
    host = await connect(connectionSpec('localhost', {}, {}))
  })
  afterAll(() => host.close())
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'play-others-'))
    chmodSync(top, 0o755)
    theirs = join(top, 'theirs')
    secret = join(top, 'secret')
    mkdirSync(theirs)
    chownSync(theirs, THEIR, THEIR)
    mkdirSync(join(top, 'roots'))
    writeFileSync(secret, 'of root alone\n', { mode: 0o600 })
    return () => rmSync(top, { recursive: true, force: true, maxRetries: 5 })
  })

  const plant = (target: string, ...names: string[]) => {
    const links = names.map((name) => `ln -s ${target} ${join(theirs, name)}`).join(' && ')
    execFileSync('setpriv', ['--reuid', String(THEIR), '--clear-groups', 'sh', '-c', links])
  }
  const change = (...steps: FileStep[]) => changeFiles(steps, host, undefined)
  const write = (path: string, more: Partial<WriteFileStep> = {}): FileStep => ({
    do: 'write_file',
    path,
    content: 'new',
    ...more,
  })
  const readAs = (path: string, as?: string) => readFile(path, host, as).catch((error: unknown) => error)
  const read = (path: string) => readAs(path)
  const isUntouched = () => {
    expect(readFileSync(secret, 'utf8')).toBe('of root alone\n')
    expect(statSync(secret)).toMatchObject({ uid: 0, mode: 0o100600 })
    expect(readdirSync(join(top, 'roots'))).toEqual([])
    expect(statSync(join(top, 'roots'))).toMatchObject({ uid: 0, mode: 0o40755 })
  }

  it('a link of that user is no way to a folder of root, whatever is done there', async () => {
    plant(join(top, 'roots'), 'way')
    const way = join(theirs, 'way')
    const steps: FileStep[] = [
      write(join(way, 'file')),
      { do: 'directory', path: join(way, 'folder') },
      { do: 'link', path: join(way, 'link'), target: '/' },
      { do: 'directory', path: way, owner: 'games', mode: '0777' },
    ]
    for (const step of steps) await expect(change(step), step.do).rejects.toThrow(/games|not permitted/)
    plant(top, 'up')
    await expect(change({ do: 'remove', path: join(theirs, 'up/secret') })).rejects.toThrow()
    await expect(
      change({ do: 'attributes', path: join(theirs, 'up/secret'), owner: 'games', mode: '0666' }),
    ).rejects.toThrow()
    isUntouched()
  })

  it('but to a folder of his own it is, and what is written there is his', async () => {
    mkdirSync(join(theirs, 'real'))
    chownSync(join(theirs, 'real'), THEIR, THEIR)
    plant('real', 'current')
    await change(write(join(theirs, 'current/file'), { owner: 'games', group: 'games', mode: '0640' }))
    expect(lstatSync(join(theirs, 'real/file'))).toMatchObject({ uid: THEIR, mode: 0o100640 })
    await expect(change(write(join(theirs, 'current/other'), { owner: 'root' }))).rejects.toThrow(
      /only files of that user/,
    )
    expect(readdirSync(join(theirs, 'real'))).toEqual(['file'])
  })

  it('a link of root leads on', async () => {
    symlinkSync(join(top, 'roots'), join(top, 'here'))
    await change(write(join(top, 'here/file')))
    expect(readFileSync(join(top, 'roots/file'), 'utf8')).toBe('new')
  })

  it('a planted link shows nothing that its user could not read', async () => {
    plant(secret, 'pgpass')
    expect(String(await read(join(theirs, 'pgpass')))).toMatch(/Permission denied.*as user games/)
    // Nor what root's group may read: its groups are not his.
    const ofGroup = join(top, 'of-group')
    writeFileSync(ofGroup, 'of the group root\n', { mode: 0o640 })
    plant(ofGroup, 'group')
    expect(String(await read(join(theirs, 'group')))).toMatch(/Permission denied.*as user games/)
    plant(join(top, 'roots'), 'folder')
    chmodSync(join(top, 'roots'), 0o700)
    writeFileSync(join(top, 'roots/x'), 'hidden')
    expect(String(await read(join(theirs, 'folder/x')))).toMatch(/Permission denied/)
    writeFileSync(join(theirs, 'own'), 'seen', { mode: 0o600 })
    chownSync(join(theirs, 'own'), THEIR, THEIR)
    plant('own', 'to-own')
    expect(await read(join(theirs, 'to-own'))).toMatchObject({ content: Buffer.from('seen') })
  })

  it('what is there under that name is replaced, not followed, and the copy of before is made anew', async () => {
    plant(secret, 'file')
    await change(write(join(theirs, 'file'), { replacesLink: true }))
    expect(lstatSync(join(theirs, 'file')).isFile()).toBe(true)
    const stamps = Array.from({ length: 20 }, (_, second) => {
      const at = new Date(Date.now() + second * 1000)
      const two = (n: number) => String(n).padStart(2, '0')
      return `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}T${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
    })
    plant(secret, ...stamps.map((stamp) => `file.${stamp}~`))
    await change(write(join(theirs, 'file'), { content: 'newer', backup: true }))
    const copies = readdirSync(theirs).filter(
      (name) => lstatSync(join(theirs, name)).isFile() && name !== 'file',
    )
    expect(copies).toHaveLength(1)
    expect(readFileSync(join(theirs, copies[0]!), 'utf8')).toBe('new')
    isUntouched()
  })

  it('a second name of a file of root is not given away', async () => {
    // As where fs.protected_hardlinks is off.
    execFileSync('ln', [secret, join(theirs, 'mine')])
    await expect(
      change({ do: 'attributes', path: join(theirs, 'mine'), owner: 'games', mode: '0644' }),
    ).rejects.toThrow(/another name/)
    isUntouched()
  })

  it('a file of root that he has renamed is not made readable to him, and a folder of root neither', async () => {
    const kept = join(theirs, 'kept')
    writeFileSync(kept, 'of root alone', { mode: 0o600 })
    mkdirSync(join(theirs, 'private'), { mode: 0o700 })
    writeFileSync(join(theirs, 'private/x'), 'of root alone', { mode: 0o644 })
    const rename = `cd ${theirs} && mv kept app.conf && mv private app`
    execFileSync('setpriv', ['--reuid', String(THEIR), '--clear-groups', 'sh', '-c', rename])
    const [file, folder] = [join(theirs, 'app.conf'), join(theirs, 'app')]
    for (const more of [{ owner: 'games' }, { mode: '0644' }, { mode: '0640', group: 'games' }])
      for (const step of [
        { do: 'attributes', path: file, ...more },
        { do: 'attributes', path: folder, ...more, mode: '0755' },
        { do: 'directory', path: folder, ...more },
      ] as const)
        await expect(change(step), JSON.stringify(step)).rejects.toThrow(/rights are not widened/)
    expect([statSync(file).mode, statSync(file).uid, statSync(folder).mode, statSync(folder).uid]).toEqual([
      0o100600, 0, 0o40700, 0,
    ])
    // Less is no trick, and what he wrote himself is his already.
    await change({ do: 'attributes', path: file, mode: '0400' })
    writeFileSync(join(theirs, 'own'), 'x', { mode: 0o600 })
    chownSync(join(theirs, 'own'), THEIR, THEIR)
    await change({ do: 'attributes', path: join(theirs, 'own'), mode: '0644', owner: 'root' })
    // All that is in a tree is meant, whatever its name.
    await change({ do: 'attributes', path: file, owner: 'games', anyName: true })
    expect(statSync(file).uid).toBe(THEIR)
  })

  it('what was read of a private file is not written for him, whatever he puts there in between', async () => {
    const path = join(theirs, 'app.conf')
    const edited = (origin: FoundFile) =>
      changeFiles([write(path, { content: `${origin.content}x`, keeps: true })], host, undefined, {
        found: async () => origin,
      })
    const asThem = (script: string) =>
      execFileSync('setpriv', ['--reuid', String(THEIR), '--clear-groups', 'sh', '-c', script], {
        cwd: theirs,
      })
    // One of his own, nothing at all, and another folder in which the same name is open to all.
    for (const swap of ['rm app.conf; echo mine > app.conf', 'rm app.conf']) {
      rmSync(path, { force: true })
      writeFileSync(path, 'of root alone', { mode: 0o600 })
      const origin = (await readFile(path, host, undefined))!
      asThem(swap)
      await expect(edited(origin), swap).rejects.toThrow(/rights are not widened/)
    }
    mkdirSync(join(theirs, 'etc'), { mode: 0o700 })
    writeFileSync(join(theirs, 'etc/app.conf'), 'of root alone', { mode: 0o644 })
    const origin = (await readFile(join(theirs, 'etc/app.conf'), host, undefined))!
    asThem('mv etc away; mkdir etc; echo mine > etc/app.conf')
    const step = write(join(theirs, 'etc/app.conf'), { content: `${origin.content}x`, keeps: true })
    await expect(changeFiles([step], host, undefined, { found: async () => origin })).rejects.toThrow(
      /another one than when it was read/,
    )
    expect(readFileSync(join(theirs, 'etc/app.conf'), 'utf8')).toBe('mine\n')
  })

  it('who moves folders and files to and fro while it works wins nothing', async () => {
    const script = `cd ${theirs} || exit
mkdir -p spare; echo x > spare/file; mkdir -p work
while :; do
  ln -sfnT ${join(top, 'roots')} link 2>/dev/null
  mv -T work work.away 2>/dev/null; mv -T link work 2>/dev/null
  for file in work.away/.[!.]* .[!.]*; do [ -f "$file" ] && ln -sfT ${secret} "$file" 2>/dev/null; done
  rm -f work; mv -T work.away work 2>/dev/null
done`
    const foe = spawn('setpriv', ['--reuid', String(THEIR), '--clear-groups', 'sh', '-c', script], {
      detached: true,
    })
    try {
      let written = 0
      for (let n = 0; n < 30; n += 1) {
        const step = write(join(theirs, n % 2 ? 'work/file' : 'file'), {
          owner: 'games',
          group: 'games',
          mode: '0644',
        })
        await change(step).then(
          () => {
            written += 1
          },
          () => {},
        )
        await change({ do: 'directory', path: join(theirs, 'work/sub'), owner: 'games', mode: '0755' }).catch(
          () => {},
        )
        await read(join(theirs, 'work/file'))
        isUntouched()
      }
      expect(written).toBeGreaterThan(0)
    } finally {
      const ended = once(foe, 'exit')
      process.kill(-foe.pid!, 'SIGKILL')
      await ended
    }
    isUntouched()
  })

  it('another user than root does not follow a link that a third one planted', async () => {
    plant(secret, 'to')
    const found = await readAs(join(theirs, 'to'), 'daemon')
    expect(String(found)).toMatch(/link of user games/)
    await expect(changeFiles([write(join(theirs, 'to/x'))], host, 'daemon')).rejects.toThrow(
      /link of user games/,
    )
  })

  it('a named pipe is not waited for', async () => {
    execFileSync('mkfifo', [join(theirs, 'pipe')])
    expect(String(await read(join(theirs, 'pipe')))).toMatch(/neither a file nor a folder/)
    expect(existsSync(join(theirs, 'pipe'))).toBe(true)
  })
})
