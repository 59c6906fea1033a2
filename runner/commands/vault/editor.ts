import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { PlayError } from '../../errors.ts'
import { PRIVATE } from './files.ts'

/** Memory that no disk holds, but for swap. */
const MEMORY = '/dev/shm'
/** These end the editor, and with it what it held. An interrupt is the editor's own business. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const

/**
 * What the user makes of a text in $EDITOR. It lies in a folder of its own that only this user may enter, in memory
 * where there is such, and is removed however that ends; what editors put beside it (backups) too.
 * @param name of the file, for the editor's sake @throws {PlayError} code 'vault' where the editor fails
 */
export async function editText(plain: Buffer, name: string): Promise<Buffer> {
  const listening = new Listening()
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(hasMemory() ? MEMORY : tmpdir(), 'play-vault-'))
    const file = join(folder, basename(name))
    await writeFile(file, plain, { mode: PRIVATE, flag: 'wx' })
    await runEditor(file, listening)
    return await readFile(file)
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    listening.stop()
  }
}

/** Signals end the editor, and not play: from before there is a text until it is gone. */
class Listening {
  #editor: ChildProcess | undefined
  #ending: NodeJS.Signals | undefined
  readonly #end = (signal: NodeJS.Signals): void => {
    this.#ending = signal
    this.#editor?.kill(signal)
  }
  readonly #ignore = (): void => {}

  constructor() {
    for (const signal of ENDING) process.on(signal, this.#end)
    process.on('SIGINT', this.#ignore)
  }

  /** A signal that came before it ends it now. */
  to(editor: ChildProcess): void {
    this.#editor = editor
    if (this.#ending) editor.kill(this.#ending)
  }

  stop(): void {
    for (const signal of ENDING) process.off(signal, this.#end)
    process.off('SIGINT', this.#ignore)
  }
}

async function runEditor(file: string, listening: Listening): Promise<void> {
  const editor = process.env.EDITOR || process.env.VISUAL || 'vi'
  // $EDITOR may have arguments: the shell splits it, as everywhere.
  const child = spawn('sh', ['-c', `exec ${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
  listening.to(child)
  await ended(child, editor)
}

const ended = (child: ChildProcess, editor: string): Promise<void> =>
  new Promise((done, failed) => {
    const fail = (why: string) =>
      failed(
        new PlayError('vault', `the editor ${editor} ${why}; nothing was changed`, {
          hint: 'EDITOR names another one',
        }),
      )
    child.once('error', ({ message }) => fail(message))
    child.once('close', (code, signal) => {
      if (code === 0) done()
      else fail(code === null ? `was ended by ${signal}` : `ended with ${code}`)
    })
  })

function hasMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
