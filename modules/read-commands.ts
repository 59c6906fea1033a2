import { COMMON_READS, isRead, type ReadCommand, requireRead } from '../contract/read-commands.ts'
import { POSTGRES_READS } from '../postgres/read-commands.ts'
import { modules } from './registry.ts'

const SHARED: readonly ReadCommand[] = [...COMMON_READS, ...POSTGRES_READS]

/** Every read command of check mode: those of all, of the library of PostgreSQL, and of each module. */
export const readCommands = (): readonly ReadCommand[] => [
  ...SHARED,
  ...[...modules.values()].flatMap(({ reads = [] }) => reads),
]

/**
 * @param own the commands of the module that asks: where they have it, no other module is loaded to see
 * @throws {Error} where `argv` is no read command: a fault of the module, never of the user.
 */
export function assertReadCommand(argv: readonly string[], own: readonly ReadCommand[] = []): void {
  if (!isRead([...SHARED, ...own], argv)) requireRead(readCommands(), argv)
}
