import { Chalk } from 'chalk'
import { PlayError, PlayErrors } from '../errors.ts'
import { formatError } from '../load/excerpt.ts'
import type { Masker } from './mask.ts'
import { hideSecretsIn } from './secret-texts.ts'
import { visible } from './visible.ts'

/** What `play` prints on stderr before it gives up: each error with its line, caret and hint; a bug with its stack. */
export function formatPlayError(error: unknown, color: boolean): string {
  const errors = error instanceof PlayErrors ? error.errors : [error]
  const texts = errors.map((one) => formatOne(one, color))
  if (texts.length > 1) texts.push(`${texts.length} errors; nothing was done`)
  return texts.join('\n\n')
}

function formatOne(error: unknown, color: boolean): string {
  const known = error instanceof PlayError ? error : fault(error)
  const lines = visible(formatError(known)).split('\n').map(withoutSecrets)
  return color ? lines.map(painted).join('\n') : lines.join('\n')
}

/** The same error without the secrets of the run that it ended. Anything that is not ours is shown as it is: it is a bug. */
export function hideInError(error: unknown, masker: Masker): unknown {
  if (error instanceof PlayErrors)
    return new PlayErrors(error.errors.map((one) => hideInError(one, masker) as PlayError))
  if (!(error instanceof PlayError)) return error
  const { code, message, pos, hint, details, cause } = error
  return new PlayError(code, masker.mask(message), masker.maskDeep({ pos, hint, details, cause }))
}

/** Of the errors before a run nobody has told yet what is secret: what looks like one is hidden. */
const withoutSecrets = (line: string): string => hideSecretsIn(line, { file: /^\s*\d+ \| /.test(line) })

function fault(error: unknown): PlayError {
  const message = error instanceof Error ? error.message : String(error)
  return new PlayError('internal', `a fault in play itself: ${message}`, {
    hint: 'please report it with the lines above',
    details: error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [],
  })
}

const chalk = new Chalk({ level: 1 })

function painted(line: string, index: number): string {
  if (index === 0)
    return line.replace(/^(.*?)(error\[\w+\]:)/, (_, place, word) => chalk.bold(place) + chalk.red.bold(word))
  if (/^ +\| +\^+$/.test(line)) return line.replace(/\^+/, (carets) => chalk.red(carets))
  return line.replace(/^( +)(hint:)/, (_, indent, word) => indent + chalk.cyan(word))
}
