import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inventory, type Played, playJson, type RunOptions, root } from './play.ts'

/** Arguments of the whole job. */
export const SITE = ['playbooks/site.yaml', '-i', inventory]

/** Runs a few tasks, as YAML, on lab hosts, as root. */
export async function onHosts(
  hosts: string,
  tasks: string,
  options?: RunOptions,
  ...more: string[]
): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'play-tasks-'))
  const path = join(folder, 'tasks.yaml')
  const indented = tasks.replace(/^/gm, '    ')
  writeFileSync(path, `- hosts: "${hosts}"\n  gather_facts: false\n  become: true\n  tasks:\n${indented}\n`)
  try {
    return await playJson([path, '-i', inventory, ...more], options)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the one task that failed said. @throws where none did */
export function failure(played: Played): { message: string; hint: string; details: string } {
  const failed = played.results.find(({ status }) => status === 'failed')
  if (!failed) throw new Error(`no task failed: ${played.stdout}${played.stderr}`)
  const { message = '', hint = '', details = [] } = failed.error ?? {}
  return { message, hint, details: details.join('\n') }
}

/** A session of psql on a lab host that stays open after these statements, until it is ended. */
export async function openSession(host: string, text: string): Promise<{ end(): void }> {
  const argv = ['exec', host, 'sh', '-c', 'cd / && exec runuser -u postgres -- psql -XAtq']
  const child = spawn(join(root, 'lab/lab'), argv, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${text};\n\\echo open\n`)
  for await (const said of child.stdout) if (String(said).includes('open')) break
  return { end: () => void child.stdin.end() }
}
