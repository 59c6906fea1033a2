import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { PlayError } from '../errors.ts'

/** Asks for a secret on the terminal, without echo. @throws {PlayError} where there is no terminal */
export function askSecret(prompt: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new PlayError('usage', `cannot ask for the ${prompt.replace(/:? *$/, '')}: there is no terminal`, {
      hint: 'Use --become-password-file FILE.',
    })
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => reject(new PlayError('interrupted', 'interrupted')))
    lines.question('', (answer) => {
      lines.close()
      process.stderr.write('\n')
      resolve(answer)
    })
  })
}
