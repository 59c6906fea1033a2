import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { playCommand } from '../../runner/commands/run.ts'
import { parseArguments } from '../../runner/options/arguments.ts'
import type { Event, Recap, TaskResult } from '../../runner/report/events.ts'

export interface LocalRun {
  code: number
  events: Event[]
  recap: Recap
  /** `host task status`, in the order they came; a loop's items as `task(item)`. */
  lines: string[]
  results: TaskResult[]
}

/**
 * Runs a playbook on hosts that are all this machine, through the real shell: what the runner does with plays, without
 * ssh. `{{ dir }}` in it is a scratch folder that is gone afterwards.
 */
export async function runLocally(
  playbook: string,
  {
    hosts = 'h1',
    args = [],
    files = {},
    inventory: text,
    onEvent = () => {},
  }: {
    hosts?: string
    args?: string[]
    files?: Record<string, string>
    /** That of inventory/hosts; else it holds `hosts`. */
    inventory?: string
    onEvent?: (event: Event) => void
  } = {},
): Promise<LocalRun> {
  const dir = mkdtempSync(join(tmpdir(), 'play-run-'))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  try {
    for (const [name, text] of Object.entries(files)) write(name, text)
    const names = hosts.split(/[ ,]+/)
    const inventory =
      text === undefined
        ? write('hosts.ini', `${names.join('\n')}\n[all:vars]\nansible_connection=local\ndir=${dir}\n`)
        : write('inventory/hosts', text)
    const events: Event[] = []
    // One machine for all tests at once: they would refuse each other.
    const lock = args.includes('--wait-for-lock') ? [] : ['--no-lock']
    const options = parseArguments([write('site.yaml', playbook), '-i', inventory, ...lock, ...args])
    const code = await playCommand(options, {
      report(event) {
        events.push(event)
        onEvent(event)
      },
      close: async () => {},
    })
    const results = events.filter((event): event is TaskResult => event.event === 'task_result')
    const lines = results.map(
      ({ host, task, item, status }) => `${host} ${task}${item === null ? '' : `(${item})`} ${status}`,
    )
    return { code, events, results, lines, recap: events.at(-1) as Recap }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
