import './zod.ts'
import type { Options } from '../cli.ts'
import { playCommand } from './run.ts'

/** What the first word of the command line chooses; `run` where it is a playbook. */
export const commands = {
  run: playCommand,
  // Loaded when asked for: a run does not wait for them.
  apply: async (options: Options) => (await import('./apply.ts')).applyCommand(options),
  show: async (options: Options) => (await import('./show.ts')).showCommand(options),
  adopt: async (options: Options) => (await import('./adopt.ts')).adoptCommand(options),
  config: async (options: Options) => (await import('./config.ts')).configCommand(options),
  inventory: async (options: Options) => (await import('./inventory/index.ts')).inventoryCommand(options),
  vault: async (options: Options) => (await import('./vault/index.ts')).vaultCommand(options),
  status: async (options: Options) => (await import('./status.ts')).statusCommand(options),
}
