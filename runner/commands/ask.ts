import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { withoutEnd } from '../../contract/ends.ts'
import { PlayError } from '../errors.ts'

/** Asks for a secret on the terminal, without echo. @throws {PlayError} where there is no terminal */
export const askSecret = (prompt: string): Promise<string> => needed(prompt, false)

/** The same, showing what is typed. */
export const askLine = (prompt: string): Promise<string> => needed(prompt, true)

async function needed(prompt: string, echo: boolean): Promise<string> {
  const answer = await ask(prompt, echo)
  if (answer !== null) return answer
  throw new PlayError('usage', `cannot ask for the ${withoutEnd(prompt, /[: ]/)}: there is no terminal`, {
    hint: 'give it in a file: --help says with which option',
  })
}

/** A line that is typed on the terminal; null where there is none. @param echo whether it is shown */
export function ask(prompt: string, echo: boolean): Promise<string | null> {
  if (!process.stdin.isTTY) return Promise.resolve(null)
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silent,
    terminal: true,
  })
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      lines.close()
      reject(new PlayError('interrupted', 'interrupted'))
    })
    lines.question('', (answer) => {
      lines.close()
      if (!echo) process.stderr.write('\n')
      resolve(answer)
    })
  })
}
