import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { PlayError } from '../errors.ts'

/** Asks for a secret on the terminal, without echo. @throws {PlayError} where there is no terminal */
export const askSecret = (prompt: string): Promise<string> => ask(prompt, false)

/** The same, showing what is typed. */
export const askLine = (prompt: string): Promise<string> => ask(prompt, true)

function ask(prompt: string, echo: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new PlayError('usage', `cannot ask for the ${prompt.replace(/:? *$/, '')}: there is no terminal`, {
      hint: 'give it in a file: --help says with which option',
    })
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silent,
    terminal: true,
  })
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => reject(new PlayError('interrupted', 'interrupted')))
    lines.question('', (answer) => {
      lines.close()
      if (!echo) process.stderr.write('\n')
      resolve(answer)
    })
  })
}
