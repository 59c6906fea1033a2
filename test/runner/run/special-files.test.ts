import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

it('a pipe as the source of a copy is refused, not waited for', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'play-pipe-'))
  try {
    execFileSync('mkfifo', [join(dir, 'pipe')])
    const run = await runLocally(`- hosts: all
  gather_facts: false
  tasks:
    - copy: { src: ${dir}/pipe, dest: "{{ dir }}/copied" }
`)
    expect(run.results[0]?.error?.message).toMatch(/pipe is a pipe, not a file/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
