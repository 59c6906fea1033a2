#!/usr/bin/env node
// Runs dist/main.cjs from the code that V8 made of it at build time. Another version of Node does not accept that code,
// and compiles anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

const folder = dirname(fileURLToPath(import.meta.url))
const filename = join(folder, 'main.cjs')
const cache = join(folder, 'main.cache')
const building = process.env.PLAY_BUILD_CACHE === '1'

// The bundle is not needed to say this.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  const { version } = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8'))
  process.stdout.write(`play ${version}\n`)
  process.exit(0)
}

const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`
const script = new vm.Script(source, {
  filename,
  cachedData: building ? undefined : cached(),
  // What the bundle leaves to be imported when it is needed.
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
})
if (building) process.on('exit', () => writeFileSync(cache, script.createCachedData()))
const module = { exports: {} }
script.runInThisContext()(module.exports, createRequire(filename), module, filename, folder)

function cached() {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}
