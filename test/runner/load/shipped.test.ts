import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { withShipped } from '../../../runner/load/playbook/shipped.ts'
import { loadPlaybooks } from '../../../runner/load/playbook.ts'

it('a playbook that is not there is told with the place of the one that play brings along', () => {
  const folder = mkdtempSync(join(tmpdir(), 'play-shipped-'))
  try {
    for (const name of ['dist', 'playbooks', 'bin']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'dist/play.js'), '')
    writeFileSync(join(folder, 'playbooks/site.yaml'), '')
    symlinkSync(join(folder, 'dist/play.js'), join(folder, 'bin/play'))
    const missing = (name: string): unknown => {
      try {
        loadPlaybooks([join(folder, name)], { modules: new Map(), extraVars: {} })
      } catch (error) {
        return (error as { errors: unknown[] }).errors[0]
      }
    }
    const told = (name: string) => withShipped(missing(name), join(folder, name), join(folder, 'bin/play'))
    expect(told('site.yaml')).toMatchObject({
      message: expect.stringContaining('site.yaml does not exist'),
      hint: `play brings one along: play ${join(folder, 'playbooks/site.yaml')}`,
    })
    expect(told('mine.yaml')).toMatchObject({ hint: undefined })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
