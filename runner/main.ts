import { parseCommandLine } from './cli.ts'
import { exitCodeOf, INTERNAL } from './errors.ts'
import { failUntilLeft, left } from './leaving.ts'

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
    process.stdout.write(`play ${version}\n`)
    return 0
  }
  if (request.mode === 'help') {
    const { helpText } = await import('./cli.ts')
    process.stdout.write(helpText(request.command, request.vault?.action))
    return 0
  }
  // What follows is loaded only now: the language, the modules and ssh are most of the start-up time.
  const { commands } = await import('./commands/index.ts')
  const { withSettings } = await import('./options/arguments.ts')
  const options = withSettings(request)
  for (const warning of options.settings.warnings) process.stderr.write(`[WARNING]: ${warning}\n`)
  return commands[options.command](options)
}
