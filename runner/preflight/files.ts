import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Module } from '../../contract/module.ts'
import { parameters } from '../../contract/parse-params.ts'
import type { Diagnostics, Pos } from '../errors.ts'
import { didYouMean } from '../load/nearest.ts'
import { shownPath } from '../load/playbook/context.ts'
import { hasTemplate } from '../load/template.ts'
import type { Task } from '../load/types.ts'
import { readText } from '../load/yaml.ts'
import { foldersOf, lookupPlaces } from '../run/places.ts'
import { writtenArgs } from './written-args.ts'

/** Files and templates that arguments name must be there. `onTemplate` gets the text of each template. */
export function checkFiles(
  task: Task,
  module: Module,
  playDir: string,
  diagnostics: Diagnostics,
  onTemplate: (text: string, pos: Pos) => void,
): void {
  const { value, locate } = writtenArgs(task, module)
  for (const [name, { meta }] of parameters(module.params)) {
    if (!meta?.from) continue
    for (const [path, file] of texts(value[name], [name])) {
      if (hasTemplate(file)) continue
      const kind = meta.from === 'file' ? 'files' : 'templates'
      const places = lookupPlaces(file, foldersOf(task, playDir), kind)
      const found = places.find((place) => existsSync(place))
      const pos = locate(path)
      if (found === undefined) missing(meta.from, file, places, pos, diagnostics)
      else if (meta.from === 'template') readTemplate(found, pos, diagnostics, onTemplate)
    }
  }
}

function* texts(value: unknown, path: (string | number)[]): Generator<[(string | number)[], string]> {
  if (typeof value === 'string' && value !== '') yield [path, value]
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* texts(item, [...path, index])
}

function missing(kind: string, file: string, places: string[], pos: Pos, diagnostics: Diagnostics): void {
  const near = didYouMean(
    basename(file),
    places.flatMap((place) => namesIn(dirname(place))),
  )
  const looked = `looked for ${places.map(shownPath).join(', ')}`
  diagnostics.add('file', `there is no ${kind} ${file} on this machine`, {
    pos,
    hint: near ? `${near} (${looked})` : looked,
  })
}

function readTemplate(
  path: string,
  pos: Pos,
  diagnostics: Diagnostics,
  onTemplate: (text: string, pos: Pos) => void,
): void {
  if (!statSync(path).isFile()) {
    diagnostics.add('file', `${shownPath(path)} is no file, so it cannot be a template`, { pos })
    return
  }
  const text = diagnostics.collect(() => readText(path, pos))
  if (text !== undefined) onTemplate(text, { file: shownPath(path), line: 1, col: 1 })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
