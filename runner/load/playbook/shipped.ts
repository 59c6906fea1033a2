import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PlayError } from '../../errors.ts'

/** What a playbook that is named and not there could be: one of those that play brings along. */
export function withShipped(error: unknown, file: string, program = process.argv[1]): unknown {
  const isGone = error instanceof PlayError && (error.cause as NodeJS.ErrnoException)?.code === 'ENOENT'
  const shipped = program && existsSync(program) ? shippedAs(basename(file), program) : undefined
  if (!isGone || shipped === undefined) return error
  const { message, cause } = error
  return new PlayError('file', message, { cause, hint: `play brings one along: play ${shipped}` })
}

/** `program` is dist/play.js, or a link to it. */
function shippedAs(name: string, program: string): string | undefined {
  const path = join(dirname(realpathSync(program)), '..', 'playbooks', name)
  return existsSync(path) ? path : undefined
}
