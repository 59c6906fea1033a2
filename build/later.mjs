import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * What a playbook may do without: the languages that templates and conditions are written in. In the bundle each is made ready
 * when it is first asked for. Of a package: what is taken from it.
 */
export const PACKAGES = {
  handlebars: ['create', 'parse'],
  '@marcbachmann/cel-js': ['Environment', 'EvaluationError', 'ParseError', 'TypeError'],
}
export const FILES = [
  'runner/load/cel.ts',
  'runner/load/template/program.ts',
  'runner/load/jinja/parse.ts',
  'runner/load/jinja/program-for.ts',
  'runner/load/jinja/to-condition.ts',
  'runner/load/jinja/to-template.ts',
]

const EXPORT = /^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm

/** What a file exports by a declaration; these do in no other way. */
export const namesIn = (file) => [...readFileSync(file, 'utf8').matchAll(EXPORT)].map(([, name]) => name)

export const later = {
  name: 'later',
  setup({ onResolve, onLoad }) {
    const files = new Set(FILES.map((file) => resolve(file)))
    onResolve({ filter: /^/ }, ({ path, resolveDir, namespace }) => {
      const whole = path.endsWith('.ts') ? resolve(resolveDir, path) : path
      const isLater = files.has(whole) || Object.hasOwn(PACKAGES, whole)
      return isLater && namespace !== 'later' ? { path: whole, namespace: 'later' } : undefined
    })
    onLoad({ filter: /^/, namespace: 'later' }, ({ path }) => ({
      contents: facade(path, PACKAGES[path] ?? namesIn(path)),
      resolveDir: process.cwd(),
    }))
  },
}

/** A module of the same names, which loads the real one at the first look at any. */
export function facade(path, names) {
  const real = `require(${JSON.stringify(path)})`
  return names
    .map(
      (name) => `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => ${real}.${name} })`,
    )
    .join('\n')
}
