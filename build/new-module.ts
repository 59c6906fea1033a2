// `npm run new-module FOLDER/NAME`: the files of a new module, which work as they are, its line in the registry, and the
// documents. What is left to write is params, inspect and plan.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { moduleSource, testSource } from './new-module-sources.ts'

const REGISTRY = 'modules/registry.ts'

/** What a module is called in each place, from `system/hostname` or `postgres/pg_thing`. */
export interface ModuleNames {
  /** As playbooks write it: pg_thing. */
  name: string
  /** As its source is called: pgThingModule. */
  constant: string
  /** modules/postgres/pg-thing.ts */
  source: string
  /** test/modules/postgres/pg-thing.test.ts */
  test: string
  topic: string
}

/** @throws {Error} where `path` is not FOLDER/NAME, with a folder that is in modules/ of `root` */
export function namesOf(root: string, path = ''): ModuleNames {
  const topics = readdirSync(join(root, 'modules'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  const [, topic = '', name = ''] = /^([a-z]+)\/([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)$/.exec(path) ?? []
  if (!topics.includes(topic)) {
    const wanted = `one of ${topics.join('/, ')}/ and a name in small letters, such as system/hostname`
    throw new Error(`expected ${wanted}; found '${path}'`)
  }
  const words = name.split(/[-_]/)
  const file = `${topic}/${words.join('-')}`
  return {
    name: words.join('_'),
    constant: `${words.map((word, i) => (i === 0 ? word : capital(word))).join('')}Module`,
    source: `modules/${file}.ts`,
    test: `test/modules/${file}.test.ts`,
    topic,
  }
}

/**
 * Writes the module, its test and its line in the registry.
 * @returns the paths written, from `root`
 * @throws {Error} where there is such a module or such a test already; nothing is written then
 */
export function newModule(root: string, path?: string): string[] {
  const names = namesOf(root, path)
  const registry = readFileSync(join(root, REGISTRY), 'utf8')
  for (const taken of [names.source, names.source.replace(/\.ts$/, ''), names.test])
    if (existsSync(join(root, taken))) throw new Error(`${taken} is there already`)
  if (registry.includes(` ${names.constant} `)) throw new Error(`${REGISTRY} has a ${names.constant} already`)
  const files = {
    [names.source]: moduleSource(names),
    [names.test]: testSource(names),
    [REGISTRY]: registered(registry, names),
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return Object.keys(files)
}

/** With an import, which the formatter puts in order, and a line in its list. */
function registered(registry: string, { constant, source, topic }: ModuleNames): string {
  const from = `./${relative('modules', source)}`
  const list = topic === 'postgres' ? 'postgres' : 'general'
  const [whole, head, names, tail] =
    new RegExp(`(const ${list}: Module\\[\\] = \\[\\n)([^\\]]*)(\\]\\n)`).exec(registry) ?? []
  if (!whole || names === undefined) throw new Error(`${REGISTRY} has no list '${list}'`)
  const lines = names.split('\n').filter(Boolean)
  const after = lines.findIndex((line) => line.trim() > `${constant},`)
  lines.splice(after === -1 ? lines.length : after, 0, `  ${constant},`)
  return registry
    .replace(/^(import type .*\n)/, `$1import { ${constant} } from '${from}'\n`)
    .replace(whole, `${head}${lines.join('\n')}\n${tail}`)
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

function main(path: string | undefined): void {
  const root = join(import.meta.dirname, '..')
  const written = newModule(root, path)
  const run = (program: string, argv: string[]) =>
    execFileSync(join(root, 'node_modules/.bin', program), argv, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  run('biome', ['check', '--write', ...written])
  run('tsx', ['docs/generate.ts'])
  const [source, test] = written
  process.stdout.write(`${[...written, 'docs/modules.md'].join('\n')}

Now write params, inspect and plan in ${source}, and what they must do in
${test}. After a change of params or summary: npm run docs
Test it alone: npx vitest run ${test} test/runner/docs.test.ts
`)
}

if (process.argv[1]?.endsWith('new-module.ts')) {
  try {
    main(process.argv[2])
  } catch (error) {
    process.stderr.write(`new-module: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
