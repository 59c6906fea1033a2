/** A program that may be run while a host is inspected, and how far: it changes nothing there. */
export interface ReadCommand {
  /** argv[0], whole. */
  program: string | RegExp
  /** argv[1] must be one of these. */
  first?: readonly string[]
  /** One of these words must be among the arguments. */
  needs?: readonly string[]
  /** No argument may match. */
  never?: RegExp
  /** For shells: argv[2], after -c, must be one of these very texts. */
  scripts?: readonly string[]
  /** The arguments after this many hold a command of their own, which must be on the list too. */
  wraps?: number
}

/**
 * What any module may run. One row each; a program may have several rows, and one that fits is enough. What HostReader
 * reads itself (files, digests, packages, units, users, processes, the clock) has none.
 */
export const COMMON_READS: readonly ReadCommand[] = [
  // disks: perl has no statfs
  { program: 'df' },
  { program: 'du' },
  { program: 'find', never: /^-(exec|execdir|ok|okdir|delete|fprint0?|fprintf|fls)$/ },
  { program: 'findmnt' },
  // between two looks at something that is to end
  { program: 'sleep', first: ['0.2'] },
  { program: 'timeout', wraps: 2 },
]

/** A row for scripts that only read: `sh -c SCRIPT`, word for word. */
export const readScripts = (...scripts: string[]): ReadCommand => ({ program: 'sh', first: ['-c'], scripts })

/** @throws {Error} where `argv` is no read command of the list: a fault of the module, never of the user. */
export function requireRead(list: readonly ReadCommand[], argv: readonly string[]): void {
  const [program = '', ...args] = argv
  const rows = list.filter((row) => matches(row.program, program))
  if (rows.length === 0) throw new Error(`'${program}' ${NOT_LISTED}`)
  if (rows.some((row) => allows(list, row, args))) return
  throw new Error(`the arguments of '${argv.join(' ').slice(0, 200)}': the command ${NOT_LISTED}`)
}

/** Whether `argv` is a read command of the list. */
export function isRead(list: readonly ReadCommand[], argv: readonly string[]): boolean {
  const [program = '', ...args] = argv
  return list.some((row) => matches(row.program, program) && allows(list, row, args))
}

const NOT_LISTED =
  "is on no list of read commands: the module's own (`reads`), postgres/read-commands.ts, contract/read-commands.ts"

const matches = (wanted: string | RegExp, program: string): boolean =>
  typeof wanted === 'string' ? wanted === program : wanted.test(program)

function allows(list: readonly ReadCommand[], row: ReadCommand, args: readonly string[]): boolean {
  if (row.first && !row.first.includes(args[0] ?? '')) return false
  if (row.needs && !row.needs.some((word) => args.includes(word))) return false
  if (row.never && args.some((word) => row.never!.test(word))) return false
  if (row.scripts && !row.scripts.includes(args[1] ?? '')) return false
  return row.wraps === undefined || isRead(list, args.slice(row.wraps - 1))
}
