import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

/** What is beside the example after it was used: an authority, and files of the user's own. */
const PRIVATE = [
  'inventory/ca/ca.key',
  'inventory/ca/ca.crt',
  'inventory/tls/db1.key',
  'inventory/host_vars/db1.yaml',
  'inventory/group_vars/secrets.yaml',
  'inventory/production.yaml',
  'plan.json',
]

test('npm pack takes the example along, and nothing of an authority or of an inventory of the user', () => {
  const copy = mkdtempSync(join(tmpdir(), 'play-pack-'))
  try {
    for (const name of ['package.json', 'inventory', 'playbooks', 'templates'])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    for (const name of PRIVATE) {
      mkdirSync(dirname(join(copy, name)), { recursive: true })
      writeFileSync(join(copy, name), 'private')
    }
    const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
      cwd: copy,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ files }] = JSON.parse(answer) as [{ files: { path: string }[] }]
    const packed = files.map(({ path }) => path)
    expect(packed).toEqual(
      expect.arrayContaining([
        'inventory/hosts.yaml',
        'inventory/group_vars/all.yaml',
        'inventory/examples/pair.yaml',
        'playbooks/site.yaml',
      ]),
    )
    expect(packed.filter((path) => PRIVATE.includes(path))).toEqual([])
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}, 60_000)
