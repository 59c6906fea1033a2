import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
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
import { beforeEach, describe, expect, it } from 'vitest'
import { runLocally } from '../../../support/local-run.ts'

const THEIR = Number(execFileSync('id', ['-u', 'games'], { encoding: 'utf8' }))

/** The modules, as root, on a path whose last part is a link that another user has put there. */
describe.runIf(process.getuid?.() === 0)('a link of another user, named by a task of root', () => {
  let top: string
  let theirs: string
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'play-links-'))
    chmodSync(top, 0o755)
    theirs = join(top, 'theirs')
    mkdirSync(theirs)
    chownSync(theirs, THEIR, THEIR)
    mkdirSync(join(top, 'roots'))
    writeFileSync(join(top, 'secret'), 'of root alone\n', { mode: 0o600 })
    return () => rmSync(top, { recursive: true, force: true })
  })
  const plant = (target: string) =>
    execFileSync('setpriv', [
      '--reuid',
      String(THEIR),
      '--clear-groups',
      'ln',
      '-s',
      target,
      join(theirs, 'way'),
    ])
  const run = async (task: string) => {
    const { results } = await runLocally(`- hosts: all\n  gather_facts: false\n  tasks:\n    - ${task}\n`)
    return results[0]!
  }
  const isUntouched = () => {
    expect(statSync(join(top, 'secret'))).toMatchObject({ uid: 0, mode: 0o100600 })
    expect(statSync(join(top, 'roots'))).toMatchObject({ uid: 0, mode: 0o40755 })
    expect(readdirSync(join(top, 'roots'))).toEqual([])
  }

  const TASKS: [target: string, task: (way: string) => string][] = [
    ['secret', (way) => `file: { path: ${way}, owner: games, mode: '0644' }`],
    ['secret', (way) => `file: { path: ${way}, state: touch, owner: games }`],
    ['roots/made', (way) => `file: { path: ${way}, state: touch, owner: games }`],
    ['roots', (way) => `file: { path: ${way}, state: directory, owner: games, mode: '0777' }`],
    ['roots/made', (way) => `file: { path: ${way}, state: directory, owner: games }`],
    ['roots', (way) => `copy: { content: x, dest: ${way}/file, owner: games }`],
    ['roots', (way) => `copy: { src: /etc/hostname, dest: ${way}/, owner: games }`],
    ['roots', (way) => `copy: { src: /etc/hostname, dest: ${way}, owner: games }`],
    ['roots', (way) => `copy: { src: /etc/apt/, dest: ${way}, owner: games }`],
    ['roots', (way) => `file: { path: ${way}, recurse: true, state: directory, owner: games }`],
  ]
  it.each(TASKS)('to %s of root: nothing there is made or changed (task %#)', async (target, task) => {
    plant(join(top, target))
    expect((await run(task(join(theirs, 'way')))).status).toBe('failed')
    isUntouched()
  })

  it('leads to what is his', async () => {
    mkdirSync(join(theirs, 'real'))
    chownSync(join(theirs, 'real'), THEIR, THEIR)
    plant('real')
    const way = join(theirs, 'way')
    expect((await run(`file: { path: ${way}, state: directory, mode: '0700' }`)).status).toBe('changed')
    expect(statSync(join(theirs, 'real')).mode & 0o777).toBe(0o700)
    expect((await run(`copy: { src: /etc/hostname, dest: ${way}/, owner: games }`)).status).toBe('changed')
    expect(statSync(join(theirs, 'real/hostname')).uid).toBe(THEIR)
  })

  it('no set-id bit of his file comes to one of root', async () => {
    const tool = join(theirs, 'tool')
    writeFileSync(tool, 'old')
    chownSync(tool, THEIR, THEIR)
    chmodSync(tool, 0o4755)
    expect((await run(`copy: { content: new, dest: ${tool}, owner: root }`)).status).toBe('changed')
    expect(statSync(tool)).toMatchObject({ uid: 0, mode: 0o100755 })
  })

  it('a file that he put where all may write is not given the new content', async () => {
    const open = join(top, 'open')
    mkdirSync(open)
    chmodSync(open, 0o1777)
    const creds = join(open, 'creds')
    writeFileSync(creds, '')
    chownSync(creds, THEIR, THEIR)
    const result = await run(`copy: { content: secret, dest: ${creds}, mode: '0640' }`)
    expect(result).toMatchObject({ status: 'failed' })
    expect(result.error!.message).toMatch(/say whose it is to be/)
    expect((await run(`copy: { content: secret, dest: ${creds}, owner: root, mode: '0640' }`)).status).toBe(
      'changed',
    )
    expect(statSync(creds)).toMatchObject({ uid: 0, mode: 0o100640 })
  })

  it('a named pipe in the place of a file is refused, and nobody waits for it', async () => {
    execFileSync('mkfifo', [join(theirs, 'pipe')])
    expect((await run(`copy: { content: x, dest: ${join(theirs, 'pipe')} }`)).error!.message).toMatch(
      /special file/,
    )
  })

  it('what is mounted in a folder does not go with it', async () => {
    const folder = join(top, 'gone')
    mkdirSync(join(folder, 'data'), { recursive: true })
    writeFileSync(join(top, 'roots/kept'), '')
    execFileSync('mount', ['--bind', join(top, 'roots'), join(folder, 'data')])
    try {
      expect((await run(`file: { path: ${folder}, state: absent }`)).error!.message).toMatch(/is mounted in/)
    } finally {
      execFileSync('umount', [join(folder, 'data')])
    }
    expect(existsSync(join(top, 'roots/kept'))).toBe(true)
    rmSync(join(top, 'roots/kept'))
  })

  describe('a private file of root that he gave the name that a task has', () => {
    const EDITS = [
      (path: string) => `lineinfile: { path: ${path}, line: x`,
      (path: string) => `blockinfile: { path: ${path}, block: x`,
      (path: string) => `replace: { path: ${path}, regexp: of, replace: OF`,
      (path: string) => `pg_passfile: { path: ${path}, entries: [{ host: h, user: u, password: geheim }]`,
    ]
    const edits = EDITS.flatMap((edit) => [
      (path: string) => `${edit(path)}, owner: games }`,
      ...(edit === EDITS[3]
        ? []
        : [
            (path: string) => `${edit(path)}, mode: '0644' }`,
            (path: string) => `${edit(path)}, mode: '0640', group: games }`,
            (path: string) => `${edit(path)}, mode: 'u=rw,g=r,o=r' }`,
          ]),
    ])
    const asThem = (script: string) =>
      execFileSync('setpriv', ['--reuid', String(THEIR), '--clear-groups', 'sh', '-c', script], { cwd: top })
    const isPrivate = (path: string) => {
      expect(statSync(path)).toMatchObject({ uid: 0, gid: 0, mode: 0o100600 })
      expect(readFileSync(path, 'utf8')).toBe('of root alone\n')
    }

    it.each(edits)('is not edited into one that he may read (task %#)', async (edit) => {
      writeFileSync(join(theirs, 'kept'), 'of root alone\n', { mode: 0o600 })
      asThem('mv theirs/kept theirs/app.conf')
      const result = await run(edit(join(theirs, 'app.conf')))
      expect(result.error?.message).toMatch(/rights are not widened/)
      isPrivate(join(theirs, 'app.conf'))
      expect(readdirSync(theirs)).toEqual(['app.conf'])
    })

    it('nor where he renamed the folder that it is in, or moved it where all may write', async () => {
      mkdirSync(join(theirs, 'roots'))
      writeFileSync(join(theirs, 'roots/app.conf'), 'of root alone\n', { mode: 0o600 })
      writeFileSync(join(theirs, 'kept'), 'of root alone\n', { mode: 0o600 })
      mkdirSync(join(top, 'open'))
      chmodSync(join(top, 'open'), 0o1777)
      asThem('mv theirs/roots theirs/app; mv theirs/kept open/app.conf')
      for (const path of [join(theirs, 'app/app.conf'), join(top, 'open/app.conf')])
        for (const task of [
          `lineinfile: { path: ${path}, line: x, mode: '0644' }`,
          `file: { path: ${path}, mode: '0644' }`,
        ]) {
          expect((await run(task)).error?.message, task).toMatch(/rights are not widened/)
          isPrivate(path)
        }
    })

    it('what was read of it is not written into another one that he has put there since', async () => {
      const path = join(theirs, 'app.conf')
      writeFileSync(path, 'of root alone\n', { mode: 0o600 })
      const playbook = `- hosts: all
  gather_facts: false
  tasks:
    - replace: { path: ${path}, regexp: nothing, replace: x }
    - lineinfile: { path: ${path}, line: x }
`
      const { results } = await runLocally(playbook, {
        // What one task has read, the next one does not read again.
        onEvent(event) {
          if (event.event === 'task_result' && event.module === 'replace')
            asThem('rm theirs/app.conf; echo his > theirs/app.conf')
        },
      })
      expect(results[1]!.error?.message).toMatch(/rights are not widened/)
      expect(readFileSync(path, 'utf8')).toBe('his\n')
    })

    it('where nobody else may write, a file gets the rights that the task says', async () => {
      const path = join(top, 'roots/app.conf')
      for (const edit of edits) {
        writeFileSync(path, 'of root alone\n', { mode: 0o600 })
        const task = edit(path)
        expect((await run(task)).status, task).toBe('changed')
        rmSync(path)
      }
    })

    it('his own, and one of root that stays as private as it was, are edited', async () => {
      writeFileSync(join(theirs, 'own'), 'his\n', { mode: 0o600 })
      chownSync(join(theirs, 'own'), THEIR, THEIR)
      writeFileSync(join(theirs, 'kept'), 'of root alone\n', { mode: 0o600 })
      writeFileSync(join(theirs, 'open'), 'for all\n', { mode: 0o644 })
      for (const task of [
        `lineinfile: { path: ${join(theirs, 'own')}, line: x, mode: '0644' }`,
        `lineinfile: { path: ${join(theirs, 'kept')}, line: x }`,
        `lineinfile: { path: ${join(theirs, 'open')}, line: x, owner: games, mode: '0600' }`,
      ])
        expect((await run(task)).status, task).toBe('changed')
      expect(statSync(join(theirs, 'kept')).mode).toBe(0o100600)
      expect(statSync(join(theirs, 'open')).uid).toBe(THEIR)
    })
  })

  it('a name with a line break is one file', async () => {
    const folder = join(top, 'tree')
    mkdirSync(folder)
    writeFileSync(join(folder, 'a\nb'), '', { mode: 0o600 })
    const task = `file: { path: ${folder}, state: directory, recurse: true, mode: '0755' }`
    expect((await run(task)).status).toBe('changed')
    expect((await run(task)).status).toBe('ok')
  })
})
