import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Clients } from '../support/clients.ts'
import { walk } from '../walk/walk.ts'
import { Walker } from '../walk/walker.ts'

const scratch = mkdtempSync(join(tmpdir(), 'play-walk-'))
const said: string[] = []

/** The beginning of a walk of `npm run check-walk -- --seed 67`. */
it('a short random walk loses no row', { timeout: 3_600_000 }, async () => {
  const { findings, lost } = await walk(walker, {
    steps: 15,
    seed: 67,
    without: [],
    every: 5,
    schedule: join(scratch, 'walk.jsonl'),
    goOn: false,
    keep: false,
    say: (line) => void said.push(line),
  })
  expect({ findings, lost }, said.join('\n')).toEqual({ findings: [], lost: [] })
})

const walker = new Walker(new Clients(50, 67_000_000))
beforeAll(async () => {
  await walker.operator.beginWell()
  walker.clients.start()
})
afterAll(async () => {
  await walker.operator.endWell()
  await walker.clients.end()
  rmSync(scratch, { recursive: true })
})
