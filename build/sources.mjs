import { stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * What a start looks at to tell that dist is stale. Hundreds of files would take it ten milliseconds. Folders tell of files
 * that are made, removed or replaced, as git and most editors do; beside them the files that changed last, which somebody
 * may be at work on with an editor that writes in place.
 */
const FILES = 40

/** Writes the time when the build began, in ms since the epoch, and what to look at, for build/launch.js. */
export async function writeSources(path, began, inputs) {
  const ours = inputs.filter((input) => !input.includes('node_modules/') && !input.includes(':'))
  const folders = [...new Set(ours.map(dirname))].filter((folder) => folder !== '.')
  const times = new Map(await Promise.all(ours.map(async (file) => [file, (await stat(file)).mtimeMs])))
  const last = ours.toSorted((a, b) => times.get(b) - times.get(a)).slice(0, FILES)
  await writeFile(
    path,
    JSON.stringify({ began, watched: [...new Set(['runner/main.ts', ...last, ...folders])] }),
  )
}
