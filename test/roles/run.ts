// Do public roles run on bare hosts, does a check foretell what they do, and is a second run without a change?
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { lab } from '../support/guests.ts'
import { inventory, play } from '../support/play.ts'
import { threeRuns } from './three-runs.ts'

const HELP = `npm run check-roles -- [--vars FILE] FOLDER...
  FOLDER       of a role
  --vars FILE  variables for all of them, as YAML or JSON
The lab must be up; its hosts are made bare before each role. What roles install must be in the lab's repository:
PLAY_LAB_REPOSITORY_EXTRA=nginx,chrony lab/lab up.
`
const { values: asked, positionals: folders } = parseArgs({
  options: { vars: { type: 'string' }, help: { type: 'boolean' } },
  allowPositionals: true,
})
const say = (line: string) => void process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  if (asked.help || folders.length === 0) return say(HELP.trimEnd())
  const scratch = mkdtempSync(join(tmpdir(), 'play-roles-'))
  const rows: string[] = []
  for (const folder of folders.map((one) => resolve(one))) {
    await bareHosts(scratch)
    const env = { ANSIBLE_ROLES_PATH: dirname(folder) }
    const found = await threeRuns([playbookOf(folder, scratch), '-i', inventory, ...variables()], { env })
    const { results, foretold, made, again, unknown, problems } = found
    say(`${problems.length === 0 ? 'ok ' : 'BAD'}  ${basename(folder)}`)
    for (const problem of problems) say(`       ${problem}`)
    rows.push([basename(folder), commitOf(folder), results, foretold, unknown, made, again].join(' | '))
    if (problems.length > 0) process.exitCode = 1
  }
  rmSync(scratch, { recursive: true })
  say(
    '\n| role | commit | results | changes foretold | unknown in the check | changes made | changes again |',
  )
  say('|---|---|---|---|---|---|---|')
  for (const row of rows) say(`| ${row} |`)
}

const variables = (): string[] => (asked.vars === undefined ? [] : ['-e', `@${resolve(asked.vars)}`])

/** A playbook of that role alone; its path. */
function playbookOf(folder: string, scratch: string): string {
  const path = join(scratch, 'role.yml')
  const text = stringify([{ hosts: 'all', become: true, roles: [basename(folder)] }])
  writeFileSync(path, `# play: language=jinja\n${text}`)
  return path
}

/** The hosts know the lab's repository and what is in it, as a host of somebody's knows Debian's. */
const REPOSITORY = `- hosts: all
  become: true
  tasks:
    - apt_repo:
        name: pgdg
        url: "{{ pgdg_repo_url }}"
        suites: "{{ pgdg_suite }}"
        components: main
        key: { url: "{{ pgdg_key_url }}", fingerprint: "{{ pgdg_key_fingerprint }}" }
`

async function bareHosts(scratch: string): Promise<void> {
  await lab('reset')
  const path = join(scratch, 'repository.yaml')
  writeFileSync(path, REPOSITORY)
  const { code, stdout, stderr } = await play([path, '-i', inventory])
  if (code !== 0) throw new Error(stdout + stderr)
}

function commitOf(folder: string): string {
  try {
    return execFileSync('git', ['-C', folder, 'rev-parse', '--short=8', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

await main()
