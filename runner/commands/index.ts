import './zod.ts'
import type { Options } from '../cli.ts'
import { applyCommand } from './apply.ts'
import { playCommand } from './run.ts'
import { showCommand } from './show.ts'

/** What the first word of the command line chooses; `run` where it is a playbook. */
export const commands = {
  run: playCommand,
  apply: applyCommand,
  show: showCommand,
  // Loaded when asked for: a run does not wait for it.
  adopt: async (options: Options) => (await import('./adopt.ts')).adoptCommand(options),
  status: async (options: Options) => (await import('./status.ts')).statusCommand(options),
}
