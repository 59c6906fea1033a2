import { parseCommandLine } from './cli.ts'
import { exitCodeOf, INTERNAL, PlayError } from './errors.ts'
import { failUntilLeft, left } from './leaving.ts'
import { writeWhole } from './report/output.ts'

failUntilLeft(INTERNAL)
Promise.race([main(process.argv.slice(2)), left]).then(
  (code) => process.exit(code),
  async (error: unknown) => {
    const { formatPlayError } = await import('./report/errors.ts')
    const color = process.stderr.isTTY === true && !process.env.NO_COLOR
    process.stderr.write(`${formatPlayError(error, color)}\n`)
    process.exit(exitCodeOf(error))
  },
)

async function main(argv: readonly string[]): Promise<number> {
  const request = parseCommandLine(argv)
  if (request.mode === 'version') {
    const { version } = await import('./version.ts')
    await writeWhole(process.stdout, `play ${version}\n`)
    return 0
  }
  if (request.mode === 'help') {
    const { helpText } = await import('./cli.ts')
    await writeWhole(process.stdout, helpText(request.command, request.vault?.action))
    return 0
  }
  requireFolder()
  // What follows is loaded only now: the language, the modules and ssh are most of the start-up time.
  const { commands } = await import('./commands/index.ts')
  const { withSettings } = await import('./options/arguments.ts')
  const options = withSettings(request)
  for (const warning of options.settings.warnings) process.stderr.write(`[WARNING]: ${warning}\n`)
  return commands[options.command](options)
}

/** Names of files are told from where it was started. @throws {PlayError} file */
function requireFolder(): void {
  try {
    process.cwd()
  } catch (cause) {
    throw new PlayError('file', 'the folder that play was started in is gone', {
      hint: 'cd into one that is there',
      cause,
    })
  }
}
