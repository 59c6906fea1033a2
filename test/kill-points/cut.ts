import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, inventory, root } from '../support/play.ts'

export interface Cut {
  /** The step's number, a part of its name, or `copying`. */
  step: string
  /** See until.ts. */
  what: string
}

/** standby.yaml until that; `begun` are the names of the steps, and what happened. */
export async function runUntil({ step, what }: Cut) {
  const scratch = mkdtempSync(join(tmpdir(), 'play-cut-'))
  const names = join(scratch, 'steps')
  const program = ['--import', 'tsx', join(root, 'test/kill-points/until.ts')]
  const playbook = [join(root, 'playbooks/standby.yaml'), '-i', inventory]
  try {
    const ran = await command([process.execPath, ...program, step, what, names, ...playbook])
    const begun = existsSync(names) ? readFileSync(names, 'utf8').trim().split('\n') : []
    return { code: ran.code, begun, output: ran.stdout + ran.stderr }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
