import { execFileSync, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ExecStep } from '../../../contract/plan.ts'
import { move } from '../../../postgres/cluster/place.ts'

const uid = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout.trim()
const asRoot = it.runIf(process.getuid?.() === 0 && uid !== '')

let top: string
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'play-place-'))
  execFileSync('chmod', ['0755', top])
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

/** A folder of the server's user, with a file in it. */
function folder(path: string): string {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'file'), '')
  for (const one of [path, dirname(path)]) if (one !== top) chownSync(one, Number(uid), Number(uid))
  return path
}

function run(from: string, to: string): number | null {
  const [program, ...args] = (move(from, to) as ExecStep).argv
  return spawnSync(program!, args).status
}

asRoot(
  'a folder takes its place, whoever owns what it stands in (only as root, with a user postgres)',
  () => {
    const made = folder(join(top, 'theirs', 'made'))
    expect(run(made, join(top, 'theirs', 'data'))).toBe(0)
    expect(run(join(top, 'theirs', 'data'), join(top, 'data'))).toBe(0)
    expect(readdirSync(join(top, 'data'))).toEqual(['file'])
    expect(run(join(top, 'data'), folder(join(top, 'filled')))).not.toBe(0)
  },
)

asRoot(
  'a link of the server’s user leads it nowhere that he may not write (only as root, with a user postgres)',
  () => {
    const made = folder(join(top, 'theirs', 'made'))
    mkdirSync(join(top, 'of-root'))
    symlinkSync(join(top, 'of-root'), join(top, 'theirs', 'link'))
    expect(run(made, join(top, 'theirs', 'link', 'data'))).not.toBe(0)
    expect([existsSync(made), readdirSync(join(top, 'of-root'))]).toEqual([true, []])
  },
)
