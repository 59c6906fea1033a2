import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { PlayError, PlayErrors } from '../../../../runner/errors.ts'
import { type LoadedInventory, loadInventory } from '../../../../runner/load/inventory.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A new folder with these files. */
export function scratch(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'play-inventory-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Loads the folder made of these files. */
export const load = (files: Record<string, string>): LoadedInventory => loadInventory([scratch(files)])

/** What `fn` throws, as a list. Anything else than PlayError(s) is thrown on. */
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
