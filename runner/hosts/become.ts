import { randomBytes } from 'node:crypto'
import { quoteWords } from '../../contract/quote.ts'
import { PlayError } from '../errors.ts'
import { becomeError, passwordNeeded, unexpectedPrompt, wrongPassword } from './become-errors.ts'
import type { Channel, Transport } from './channel.ts'
import type { ConnectionSpec } from './types.ts'

/** The login, as one process of a host meets it. */
export interface Login {
  spec: ConnectionSpec
  transport: Transport
  user: string
}

/** A POSIX user name, so that it may stand in shell text and after a tilde. */
export const USER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/

/**
 * Starts a program as an OS user: as it is for the login user, with runuser where the login user is root, else with
 * sudo or su. Without a password to give, sudo is told never to ask, so the caller may write its input at once: a refusal
 * then shows as an exit with sudo's words on stderr (see becomeError). Otherwise a password is written when it is asked
 * for and not before, and the channel is returned once the program runs.
 *
 * @throws {PlayError} become, unreachable
 */
export async function startAs(
  login: Login,
  user: string | undefined,
  program: readonly string[],
): Promise<Channel> {
  const { spec, transport } = login
  const as = user ?? login.user
  if (!USER_NAME.test(as))
    throw new PlayError('become', `${spec.name}: ${as} is no name of an operating-system user`)
  if (as === login.user) return transport.open(`exec ${quoteWords(program)}`)
  if (login.user === 'root')
    return transport.open(`exec ${quoteWords(['runuser', '-u', as, '--', ...program])}`)
  if (spec.becomeMethod !== 'su' && spec.becomePassword === undefined)
    return transport.open(`exec ${quoteWords([...SUDO, '-n', '-u', as, '--', ...program])}`)
  const nonce = randomBytes(12).toString('hex')
  const { words, ...dialogue } = (spec.becomeMethod === 'su' ? su : sudo)(
    as,
    nonce,
    `printf ${nonce};exec ${quoteWords(program)}`,
  )
  const channel = await transport.open(`exec ${quoteWords(words)}`)
  await answer(channel, { login, as, started: nonce, ...dialogue })
  return channel
}

/** In plain English, whatever the host's language: its words are read below. */
const ENGLISH = ['env', 'LC_ALL=C']
const SUDO = [...ENGLISH, 'sudo', '-H']
/** What sudo's secure_path is in Debian: su leaves a login user's, without the folders of the administrator. */
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

interface Dialogue {
  login: Login
  as: string
  /** How a password is asked for. */
  prompt: string
  /** What is said once the program runs. */
  started: string
}

function sudo(as: string, nonce: string, script: string) {
  const prompt = `[play ${nonce}] `
  return { prompt, words: [...SUDO, '-S', '-p', prompt, '-u', as, '--', '/bin/sh', '-c', script] }
}

/** Of util-linux, which asks on stderr and reads standard input where there is no terminal. It cannot be told what to ask. */
function su(as: string, _nonce: string, script: string) {
  const words = [...ENGLISH, 'su', '-s', '/bin/sh', as, '-c', `export ${PATH};${script}`]
  return { prompt: 'Password: ', words }
}

/** Gives the password once, and returns when the program has said that it runs. Lectures are passed over. */
function answer(channel: Channel, { login, as, prompt, started }: Dialogue): Promise<void> {
  const { spec } = login
  const password = spec.becomePassword ?? ''
  return new Promise((resolve, reject) => {
    let out: Buffer = Buffer.alloc(0)
    let said = ''
    let answered = false
    const timer = setTimeout(
      () => fail(unexpectedPrompt(spec, as, said)),
      Math.max(spec.connectTimeout, 10_000),
    )
    const stop = () => {
      clearTimeout(timer)
      channel.stdout.off('data', onOut).pause()
      channel.stderr.off('data', onErr).pause()
    }
    const fail = (error: PlayError) => {
      stop()
      channel.destroy()
      reject(error)
    }
    const onOut = (part: Buffer) => {
      out = Buffer.concat([out, part])
      const at = out.indexOf(started)
      if (at < 0) return
      stop()
      const rest = out.subarray(at + started.length)
      if (rest.length > 0) channel.stdout.unshift(rest)
      resolve()
    }
    const onErr = (part: Buffer) => {
      said += part.toString()
      const asked = said.split(prompt).length - 1
      if (asked > 1 || (answered && /^Sorry, try again/m.test(said))) return fail(wrongPassword(spec, as))
      if (asked === 0 || answered) return
      answered = true
      if (password === '') return fail(passwordNeeded(spec, as))
      channel.stdin.write(`${password}\n`)
    }
    channel.stdout.on('data', onOut)
    channel.stderr.on('data', onErr)
    void channel.exit.then((exit) => {
      if (!out.includes(started)) fail(becomeError(spec, as, said.replaceAll(prompt, ''), exit))
    })
  })
}
