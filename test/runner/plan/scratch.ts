import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { applyCommand } from '../../../runner/commands/apply.ts'
import { playCommand } from '../../../runner/commands/run.ts'
import { PlayError } from '../../../runner/errors.ts'
import { vault } from '../../../runner/load/vault/vault.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import type { Event, Reporter, TaskResult } from '../../../runner/report/events.ts'

export const LOCAL = 'a ansible_connection=local\nb ansible_connection=local\n'
/** A play for host a, with these tasks or keywords. */
export const playOf = (...lines: string[]): string =>
  `- hosts: a\n  gather_facts: false\n${lines.map((line) => `  ${line}\n`).join('')}`
export const tasks = (...all: string[]): string => playOf('tasks:', ...all.map((one) => `  - ${one}`))

/** A folder with a project, of which plans are made and applied, in place of the working folder. */
export class Scratch {
  readonly dir = mkdtempSync(join(tmpdir(), 'play-plan-'))
  results: TaskResult[] = []
  /** Texts are written as they are, with DIR for the folder. */
  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true })
      writeFileSync(this.path(name), text.replaceAll('DIR', this.dir))
    }
  }
  path = (name: string): string => join(this.dir, name)
  read = (name: string): string => readFileSync(this.path(name), 'utf8')
  exists = (name: string): boolean => existsSync(this.path(name))
  readonly #reporter: Reporter = {
    report: (event: Event) => {
      if (event.event === 'task_result') this.results.push(event)
    },
    close: async () => {},
  }
  check = (...more: string[]): Promise<number> =>
    this.in('.', () =>
      playCommand(
        parseArguments(['site.yaml', '-i', 'hosts', '--check', '--out', 'plan.json', ...more]),
        this.#reporter,
      ),
    )
  /** @param from the working folder then */
  apply(more: string[] = [], from = '.'): Promise<number> {
    this.results = []
    return this.in(from, () =>
      applyCommand(parseArguments(['apply', this.path('plan.json'), '--no-lock', ...more]), this.#reporter),
    )
  }
  /** What it is refused for, or fails with; undefined where it does what it says. */
  async refused(more: string[] = [], from = '.'): Promise<string | undefined> {
    try {
      const code = await this.apply(more, from)
      return code === 0 ? undefined : `exit ${code}: ${this.results.map(({ message }) => message).join()}`
    } catch (error) {
      if (error instanceof PlayError) return [error.message, ...error.details].join('\n')
      throw error
    }
  }
  async in<T>(folder: string, work: () => Promise<T>): Promise<T> {
    const before = process.cwd()
    process.chdir(this.path(folder))
    try {
      return await work()
    } finally {
      process.chdir(before)
    }
  }
}

/** One for each test. */
export function useScratch(): () => Scratch {
  let scratch: Scratch
  beforeEach(() => {
    scratch = new Scratch()
  })
  afterEach(() => {
    rmSync(scratch.dir, { recursive: true, force: true })
    vault.use([])
  })
  return () => scratch
}
