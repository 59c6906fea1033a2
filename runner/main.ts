import { parseCommandLine } from './cli.ts'
import { PlayError } from './errors.ts'
import { failUntilLeft, left } from './leaving.ts'

/** Ansible's exit codes for what goes wrong before and beside the hosts. */
const EXIT = { usage: 5, input: 4, error: 1, failed: 2, interrupted: 99, internal: 250 }

failUntilLeft(EXIT.internal)
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

function exitCodeOf(error: unknown): number {
  const first = error instanceof PlayError ? error : (error as { errors?: unknown[] })?.errors?.[0]
  if (!(first instanceof PlayError)) return EXIT.internal
  if (first.code === 'usage' || first.code === 'config') return EXIT.usage
  if (['plan', 'task', 'sql'].includes(first.code)) return EXIT.failed
  if (first.code === 'interrupted') return EXIT.interrupted
  return ['inventory', 'pattern', 'unreachable', 'auth', 'become', 'lock'].includes(first.code)
    ? EXIT.error
    : EXIT.input
}
