import { str, ValueFault } from '../../jinja/value.ts'
import { outputOf, shell } from '../../outside.ts'
import { wordsOf } from '../../system-words.ts'
import { toBool } from '../values.ts'
import { flatTerms, type Lookup, textTerm } from './lookup.ts'

const MOST_MILLISECONDS = 60_000

function run(command: string): string {
  const { code, stdout, stderr, fault } = outputOf(shell(command))
  if (code === 0) return stdout.trimEnd()
  const said = stderr.trimEnd().split('\n').at(-1)?.slice(0, 200)
  throw new ValueFault(
    `the command of the lookup pipe failed${fault ? `: ${fault}` : ` with ${code}`}`,
    said ? `it said: ${said}` : undefined,
  )
}

const FETCH = `
let text = ''
process.stdin.on('data', (part) => (text += part)).on('end', async () => {
  const { url, headers, milliseconds } = JSON.parse(text)
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(milliseconds) })
    if (!answer.ok) throw new Error('status ' + answer.status)
    process.stdout.write(await answer.text())
  } catch (error) {
    process.stderr.write(String(error.cause?.code ?? error.cause?.message ?? error.message))
    process.exitCode = 1
  }
})`

/** Templates are evaluated at once, and fetching takes its time: another process does it. */
function fetched(url: string, named: Readonly<Record<string, unknown>>): string {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries((named.headers ?? {}) as Record<string, unknown>))
    headers[name] = str(value)
  if (named.username !== undefined && named.username !== null)
    headers.authorization = `Basic ${Buffer.from(`${str(named.username)}:${str(named.password ?? '')}`).toString('base64')}`
  const limit = Math.min(MOST_MILLISECONDS, Number(named.timeout ?? 10) * 1000)
  const { code, stdout, stderr, fault } = outputOf({
    command: process.execPath,
    args: ['-e', FETCH],
    input: JSON.stringify({ url, headers, milliseconds: limit }),
    // The other process says in better words that a server does not answer.
    limit: limit + 5000,
  })
  if (code === 0) return stdout
  const why = fault ?? (/timeout/.test(stderr) ? `no answer within ${limit / 1000} s` : stderr.slice(0, 200))
  throw new ValueFault(`the lookup url could not fetch this: ${wordsOf(why) ?? why}`)
}

export const OUTSIDE_LOOKUPS: readonly Lookup[] = [
  {
    name: 'env',
    params: 'default=""',
    usage: "lookup('env', 'HOME')",
    summary: 'an environment variable of this machine',
    run: (terms, named) =>
      flatTerms(terms).map((term) => {
        const name = textTerm(term, 'env').split(' ')[0]!
        return (Object.hasOwn(process.env, name) ? process.env[name] : undefined) ?? named.default ?? ''
      }),
  },
  {
    name: 'pipe',
    params: '',
    usage: "lookup('pipe', 'git rev-parse HEAD')",
    summary: 'what a command of this machine prints; unknown in a check',
    run: (terms, _, context) =>
      flatTerms(terms).map((term) =>
        context.mayRun
          ? run(textTerm(term, 'pipe'))
          : context.unknown('the run asks a command of this machine'),
      ),
  },
  {
    name: 'lines',
    params: '',
    usage: "query('lines', 'ls')",
    summary: 'the lines that a command of this machine prints; unknown in a check',
    run: (terms, _, context) =>
      flatTerms(terms).flatMap((term) =>
        context.mayRun
          ? run(textTerm(term, 'lines')).split('\n')
          : [context.unknown('the run asks a command of this machine')],
      ),
  },
  {
    name: 'url',
    params:
      'split_lines=True, username=None, password=None, headers=None, timeout=10, validate_certs=True, wantlist=False',
    usage: "lookup('url', 'https://example.com/version')",
    summary: 'the lines that a web address answers; unknown in a check',
    run: (terms, named, context) =>
      flatTerms(terms).flatMap((term) => {
        if (!context.mayRun) return [context.unknown('the run fetches a web address')]
        const text = fetched(textTerm(term, 'url'), named)
        return toBool(named.split_lines ?? true) ? text.replace(/\n$/, '').split(/\r?\n/) : [text]
      }),
  },
]
