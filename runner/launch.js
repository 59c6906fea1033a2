#!/usr/bin/env node
// Runs dist/main.cjs from the code that V8 made of it at build time. Another version of Node does not accept that code,
// and compiles anew. CommonJS: Node starts its ES module loader only for those who need it.
const { readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const vm = require('node:vm')

const filename = join(__dirname, 'main.cjs')
const cache = join(__dirname, 'main.cache')
const building = process.env.PLAY_BUILD_CACHE === '1'

// The bundle is not needed to say this.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
  process.stdout.write(`play ${version}\n`)
  process.exit(0)
}

// V8 optimizes what has run for a while. Most of a short run is over before that pays (docs/decisions/0004-start.md).
setFlagsFromString('--interrupt-budget=1000000')

const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`
const script = new vm.Script(source, {
  filename,
  cachedData: building ? undefined : cached(),
  // What the bundle leaves to be imported when it is needed.
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
})
if (building) process.on('exit', () => writeFileSync(cache, script.createCachedData()))
const main = { exports: {} }
script.runInThisContext()(main.exports, createRequire(filename), main, filename, __dirname)

function cached() {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}
