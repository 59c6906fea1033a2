import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { command, inventory, root } from '../support/play.ts'

export interface Cut {
  /** The step's number, a part of its name, `copying`, or `unmet:FILE` (see until.ts); 0: none, it runs to its end. */
  step: string
  /** See until.ts. */
  what: string
}

export interface WasCut {
  code: number
  /** The names of the steps that were begun. */
  begun: string[]
  /** Whether it came to that step. */
  reached: boolean
  output: string
}

let bundled: Promise<string> | undefined

/** In one file it starts five times as fast as from its sources. It is made once, where it finds the packages. */
function program(): Promise<string> {
  bundled ??= (async () => {
    const outfile = join(root, `node_modules/.cache/play-until/${process.pid}.mjs`)
    process.on('exit', () => rmSync(outfile, { force: true }))
    await build({
      entryPoints: [join(root, 'test/kill-points/until.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'warning',
    })
    return outfile
  })()
  return bundled
}

/** Seconds after which a run is given up. */
const HANGS = 900

/**
 * A playbook until that. @param playbook its name without `.yaml`, or its absolute path @param args play's own; the lab's inventory where none
 * of them says -i
 */
export async function runUntil(
  { step, what }: Cut,
  playbook = 'standby',
  ...args: string[]
): Promise<WasCut> {
  const scratch = mkdtempSync(join(tmpdir(), 'play-cut-'))
  const names = join(scratch, 'steps')
  const where = args.includes('-i') ? [] : ['-i', inventory]
  const path = playbook.startsWith('/') ? playbook : join(root, `playbooks/${playbook}.yaml`)
  const argv = [path, ...where, ...args]
  try {
    const ran = await command([process.execPath, await program(), step, what, names, ...argv], {
      timeout: HANGS,
    })
    const begun = existsSync(names) ? readFileSync(names, 'utf8').trim().split('\n') : []
    return { code: ran.code, begun, reached: begun.includes(`${what}!`), output: ran.stdout + ran.stderr }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
