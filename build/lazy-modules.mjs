import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'

/**
 * In the bundle a module is loaded when a playbook first uses it: each makes its schema, and all together are a tenth of a
 * start. What is plain data of it (its name, its group, …) is known of all from the beginning.
 * @param shared esbuild's options for all that is bundled
 */
export const lazyModules = (shared) => ({
  name: 'lazy-modules',
  setup: ({ onLoad }) =>
    onLoad({ filter: /modules\/registry\.ts$/ }, async ({ path }) => {
      const lines = [...(await readFile(path, 'utf8')).matchAll(IMPORT)]
      const imported = lines.flatMap(([, names, from]) =>
        names.match(/\w+Module\b/g).map((name) => ({ name, from })),
      )
      return { contents: registryOf(await rowsOf(imported, shared)), loader: 'js' }
    }),
})

const IMPORT = /^import \{([^}]*\w+Module\b[^}]*)\} from '(.+)'$/gm

/** Each module as the registry has it, with the name and the file by which it is imported. */
async function rowsOf(imported, shared) {
  const lines = imported.map(({ name, from }) => `export { ${name} } from '${from}'`)
  const { outputFiles } = await build({
    ...shared,
    stdin: {
      contents: `export { modules } from './registry.ts'\n${lines.join('\n')}`,
      resolveDir: 'modules',
    },
    format: 'esm',
    write: false,
  })
  const text = Buffer.from(outputFiles[0].contents).toString('base64')
  const { modules, ...exported } = await import(`data:text/javascript;base64,${text}`)
  const rows = imported.map(({ name, from }) => ({ module: modules.get(exported[name].name), name, from }))
  if (rows.length !== modules.size)
    throw new Error(`modules/registry.ts: ${rows.length} imports, ${modules.size} modules`)
  return rows.sort((a, b) => (a.module.name < b.module.name ? -1 : 1))
}

function registryOf(rows) {
  const isPlain = ([, value]) => typeof value === 'string' || typeof value === 'boolean'
  const loaded = rows.flatMap(({ module }) => Object.entries(module).filter((entry) => !isPlain(entry)))
  const keys = [...new Set(loaded.map(([key]) => key))]
  const lines = rows.map(({ module, name, from }) => {
    const plain = JSON.stringify(Object.fromEntries(Object.entries(module).filter(isPlain)))
    return `[${JSON.stringify(module.name)}, new Lazy(${plain}, () => require(${JSON.stringify(from)}).${name})],`
  })
  return `class Lazy {
  #load
  #module
  constructor(plain, load) { Object.assign(this, plain); this.#load = load }
  part(key) { return (this.#module ??= this.#load())[key] }
}
for (const key of ${JSON.stringify(keys)})
  Object.defineProperty(Lazy.prototype, key, { get() { return this.part(key) } })
export const modules = new Map([
${lines.join('\n')}
])`
}
