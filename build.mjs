// Bundles the command line into dist/: one file to load is what keeps `play --version` fast.
import { chmod, rm } from 'node:fs/promises'
import { build } from 'esbuild'

/** zod brings its messages in fifty languages, which is most of what there would be to load. */
const englishOnly = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    })),
}

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: { play: 'runner/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Less to read is faster to start; names stay, so that a stack still says something.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [englishOnly],
  sourcemap: 'linked',
  legalComments: 'none',
  // ssh2 and pg reach for optional native helpers; both do without them.
  external: ['cpu-features', 'pg-native', '*.node'],
  banner: {
    // What CommonJS packages expect to find.
    js: `#!/usr/bin/env node
import { createRequire as __createRequire } from 'node:module'
import { fileURLToPath as __fileURLToPath } from 'node:url'
const require = __createRequire(import.meta.url)
const __filename = __fileURLToPath(import.meta.url)
const __dirname = __fileURLToPath(new URL('.', import.meta.url))`,
  },
  logLevel: 'warning',
})
await chmod('dist/play.js', 0o755)
