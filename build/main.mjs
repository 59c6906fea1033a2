// Bundles the command line into dist/main.cjs, beside the code that V8 made of it: reading that back instead of
// compiling anew takes a third off the start (docs/decisions/0004-start.md).
import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { facade, later } from './later.mjs'
import { lazyModules } from './lazy-modules.mjs'
import { writeSources } from './sources.mjs'
import { warmUp } from './warm-up.mjs'

/** zod brings its messages in fifty languages, which is most of what there would be to load. */
const englishOnly = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    })),
}

/** Of ssh2 only the client: not its server, nor the agents for HTTP that bring Node's http with them. */
const sshClientOnly = {
  name: 'ssh-client-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /ssh2\/lib\/index\.js$/ }, () => ({
      contents: `module.exports = {
        Client: require('./client.js'),
        createAgent: require('./agent.js').createAgent,
        utils: { parseKey: require('./protocol/keyParser.js').parseKey },
      }`,
      loader: 'js',
    })),
}

/** What is seldom needed is a file of its own, read when one of its names is. By package: the file, and the names. */
const APART = {
  re2js: { file: 're2', names: ['RE2JS'] },
  '@jmespath-community/jmespath': {
    file: 'jmespath',
    names: ['compile', 'TreeInterpreter', 'TYPE_NUMBER', 'TYPE_STRING'],
  },
  bcryptjs: { file: 'bcrypt', names: ['hash', 'hashSync'] },
}

const apart = {
  name: 'apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/ }, ({ path }) =>
      Object.hasOwn(APART, path) ? { path, namespace: 'apart' } : undefined,
    )
    onResolve({ filter: /^\.\/\w+\.cjs$/, namespace: 'apart' }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => {
      const { file, names } = APART[path]
      return { contents: facade(`./${file}.cjs`, names) }
    })
  },
}

/** Handlebars would make maps of its programs, and does without where there is nothing to make them with. */
const withoutSourceMaps = {
  name: 'without-source-maps',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^source-map$/ }, () => ({ path: 'source-map', namespace: 'nothing' }))
    onLoad({ filter: /^/, namespace: 'nothing' }, () => ({ contents: '' }))
  },
}

/** Certificates are seldom issued: what that takes is a file of its own, read when it is needed. */
const x509Apart = {
  name: 'x509-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(@peculiar\/x509|reflect-metadata)$/ }, () => ({
      path: './x509.cjs',
      external: true,
    })),
}

const shared = {
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Less to read is faster to start; names stay, so that a stack still says something.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
}

const began = Date.now()
await rm('dist', { recursive: true, force: true })
const { metafile } = await build({
  ...shared,
  metafile: true,
  entryPoints: { main: 'runner/main.ts' },
  plugins: [
    englishOnly,
    sshClientOnly,
    x509Apart,
    apart,
    later,
    withoutSourceMaps,
    lazyModules({ ...shared, plugins: [englishOnly] }),
  ],
  sourcemap: 'linked',
  // What build/launch.js calls.
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
  // pg asks whether it runs at Cloudflare by making one, and Node loads all of undici to have it.
  define: { Response: 'undefined' },
  // ssh2 and pg reach for optional native helpers; both do without them.
  external: ['cpu-features', 'pg-native', '*.node'],
})
await build({
  ...shared,
  stdin: {
    contents: "import 'reflect-metadata'\nexport * from '@peculiar/x509'",
    resolveDir: '.',
    sourcefile: 'x509.js',
  },
  outdir: undefined,
  outfile: 'dist/x509.cjs',
})
for (const [path, { file, names }] of Object.entries(APART))
  await build({
    ...shared,
    stdin: {
      contents: `export { ${names.join(', ')} } from '${path}'`,
      resolveDir: '.',
      sourcefile: `${file}.js`,
    },
    outdir: undefined,
    outfile: `dist/${file}.cjs`,
  })
// In ASCII V8 keeps the text as it is read; one other character, and all of it takes twice the space and the time.
const main = 'dist/main.cjs'
const escaped = (await readFile(main, 'utf8')).replace(
  /[^\x00-\x7f]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
)
await writeFile(main, escaped)
await copyFile('build/launch.js', 'dist/play.js')
await writeFile('dist/package.json', '{ "type": "commonjs" }\n')
await chmod('dist/play.js', 0o755)
await warmUp()
await writeSources('dist/sources.json', began, Object.keys(metafile.inputs))
