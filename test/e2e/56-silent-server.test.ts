import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, inventory, onHost, play, postgresql, root } from '../support/play.ts'
import { failure, onHosts } from '../support/tasks.ts'

// Of vm1 alone, whatever else is there.
const SERVER = `- apt_repo:
    name: pgdg
    url: "{{ pgdg_repo_url }}"
    suites: "{{ pgdg_suite }}"
    components: main
    key: { url: "{{ pgdg_key_url }}", fingerprint: "{{ pgdg_key_fingerprint }}" }
- apt_install: { name: "postgresql-{{ pg_version }}", install_recommends: false }
- pg_cluster: { version: "{{ pg_version }}", state: started }`
const ROLE = '- pg_role: { name: nobody_56 }'
const CLUSTER = `cluster ${postgresql}/main`

const signal = (name: 'STOP' | 'CONT') =>
  onHost('vm1', `kill -${name} $(head -n 1 /var/run/postgresql/.s.PGSQL.5432.lock)`)
const readers = () => onHost('vm1', 'pgrep -cf "^play: reads" || true')

let pid: string
beforeAll(async () => {
  expect((await onHosts('vm1', SERVER)).code).toBe(0)
  pid = await onHost('vm1', 'head -n 1 /var/run/postgresql/.s.PGSQL.5432.lock')
  await signal('STOP')
})
afterAll(() => signal('CONT'))

describe('a server that takes connections and never answers', () => {
  it('fails a task after a minute, with its process and what to do; the log says before what it waits for', async () => {
    const ran = await onHosts('vm1', ROLE, { timeout: 120 })
    expect(failure(ran)).toMatchObject({
      message: `the server of ${CLUSTER} on vm1 (process ${pid}, stopped by SIGSTOP) takes connections at /var/run/postgresql/.s.PGSQL.5432, and has not let this one in for 60 s (SQLSTATE 57014)`,
      hint: `kill -CONT ${pid} there lets it go on`,
    })
    expect(ran.seconds).toBeLessThan(75)
    expect(ran.stdout).toContain(`"line":"pg_role: waits for ${CLUSTER} to let a session in","seconds":10`)
  })

  it('is what play adopt says too, and play status sooner', async () => {
    const [adopted, seen] = await Promise.all([
      play(['adopt', '-i', inventory, '-l', 'vm1'], { timeout: 120 }),
      play(['status', '-i', inventory, '-l', 'vm1'], { timeout: 120 }),
    ])
    expect(adopted.stderr).toContain(`kill -CONT ${pid} there lets it go on`)
    expect(adopted.stderr).toContain(`[vm1] 10 s: it is read: waits for ${CLUSTER} to let a session in`)
    expect(seen.stdout).toContain(
      `it did not answer within 10 s: it waited for ${CLUSTER} to let a session in`,
    )
  })

  it('holds nobody longer than the timeout of a task, and who asks whether it answers is told within seconds', async () => {
    const ran = await onHosts(
      'vm1',
      `${ROLE}
  timeout: 3
  ignore_errors: true
- postgresql_ping: {}
  register: ping
- pg_isready: { version: "{{ pg_version }}", host: 127.0.0.1 }
  register: ready
- assert: { that: [ping.is_available == false, ready.answer == "no response"] }`,
      { timeout: 60 },
    )
    expect(ran.code).toBe(0)
    expect(failure(ran).message).toMatch(
      /stopped by SIGSTOP\) takes connections at .*, and has not let this one in for 3 s/,
    )
    for (const result of ran.results) expect(result.duration_ms).toBeLessThan(8000)
  })

  it('is left within a second at Ctrl-C, and nothing of the run stays on the host', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'play-silent-'))
    const path = join(folder, 'role.yaml')
    writeFileSync(path, `- { hosts: vm1, gather_facts: false, become: true, tasks: [${ROLE.slice(2)}] }\n`)
    try {
      const child = spawn(process.execPath, [join(root, 'dist/play.js'), path, '-i', inventory], {
        cwd: root,
        stdio: 'ignore',
      })
      const ended = new Promise((resolve) => child.once('close', resolve))
      await eventually('the session', async () => Number(await readers()) > 0)
      const began = performance.now()
      child.kill('SIGINT')
      expect(await ended).toBe(99)
      // Of a machine that others work on too.
      expect(performance.now() - began).toBeLessThan(2000)
      await eventually('the end of what reads', async () => (await readers()) === '0', 5)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
