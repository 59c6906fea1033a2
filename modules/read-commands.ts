import { COMMON_READS, type ReadCommand, requireRead } from '../contract/read-commands.ts'
import { POSTGRES_READS } from '../postgres/read-commands.ts'
import { modules } from './registry.ts'

/** Every read command of check mode: those of all, of the library of PostgreSQL, and of each module. */
export const READ_COMMANDS: readonly ReadCommand[] = [
  ...COMMON_READS,
  ...POSTGRES_READS,
  ...[...modules.values()].flatMap(({ reads = [] }) => reads),
]

/** @throws {Error} where `argv` is no read command: a fault of the module, never of the user. */
export const assertReadCommand = (argv: readonly string[]): void => requireRead(READ_COMMANDS, argv)
