import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { PlayError, PlayErrors } from '../../../runner/errors.ts'

/** Writes files into a folder of this test's own, and answers the folder. */
export function files(contents: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'play-load-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** What `fn` throws; anything but the errors meant for users is thrown on. */
export function errorsOf(fn: () => unknown): readonly PlayError[] {
  try {
    fn()
  } catch (error) {
    if (error instanceof PlayErrors) return error.errors
    if (error instanceof PlayError) return [error]
    throw error
  }
  return []
}

/** `code line:col the text under the caret`, which says where an error points without its prose. */
export function marks(fn: () => unknown, text: string): string[] {
  return errorsOf(fn).map(({ code, pos }) => {
    if (!pos) return code
    const line = text.split('\n')[pos.line - 1] ?? ''
    return `${code} ${pos.line}:${pos.col} ${line.slice(pos.col - 1, pos.col - 1 + (pos.length ?? 1))}`
  })
}
