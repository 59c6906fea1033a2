import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

/** This machine may have no systemd: one stands in that knows a unit once it has read its files, and notes what it is told. */
const systemctl = (dir: string): string => `#!/bin/sh
echo "$1" >>${dir}/said
unit() { printf 'Id=new.service\\nLoadState=%s\\nActiveState=%s\\n' "$1" "$2"; }
case $1 in
  daemon-reload) touch ${dir}/read ;;
  is-enabled) echo static ;;
  show) [ -e ${dir}/read ] && unit loaded active || unit not-found inactive ;;
esac
`
const PLAYBOOK = `- hosts: all
  gather_facts: false
  tasks:
    - { name: first, systemd: { name: new, state: started, daemon_reload: true } }
    - { name: behind, service: { name: new, state: started } }
`
const path = process.env.PATH
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-before-'))
  writeFileSync(join(dir, 'systemctl'), systemctl(dir), { mode: 0o755 })
  process.env.PATH = `${dir}:${path}`
})
afterEach(() => {
  process.env.PATH = path
  rmSync(dir, { recursive: true, force: true })
})

const said = (): string[] => readFileSync(join(dir, 'said'), 'utf8').trim().split('\n')

it('what a module wants done before it looks is done in a run, is no change, and tasks behind look anew', async () => {
  const { lines } = await runLocally(PLAYBOOK)
  expect(lines).toEqual(['h1 first ok', 'h1 behind ok'])
  expect(said().filter((word) => word === 'daemon-reload')).toHaveLength(1)
})

it('a check leaves it undone', async () => {
  const { lines } = await runLocally(PLAYBOOK, { args: ['--check'] })
  expect(lines).toEqual(['h1 first failed'])
  expect(said()).not.toContain('daemon-reload')
})
