#!/usr/bin/env node
// Runs dist/main.cjs from the code that V8 made of it at build time. Another version of Node does not accept that code,
// and compiles anew. CommonJS: Node starts its ES module loader only for those who need it.
const { readFileSync, statSync, writeFileSync, writeSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const vm = require('node:vm')

/** Of Node, what reading a playbook takes. */
const READY = [
  'net',
  'child_process',
  'crypto',
  'fs/promises',
  'os',
  'timers/promises',
  'tty',
  'readline',
  'perf_hooks',
]

const filename = join(__dirname, 'main.cjs')
const cache = join(__dirname, 'main.cache')
/** Of the build: the arguments of each run whose code the cache is to hold. */
const warmUps = process.env.PLAY_WARM_UPS && JSON.parse(process.env.PLAY_WARM_UPS)

const newer = warmUps ? undefined : newerSource()
if (newer) process.stderr.write(`dist is older than ${newer}; npm run build\n`)

// The bundle is not needed to say this.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
  try {
    writeSync(1, `play ${version}\n`)
  } catch (error) {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`error[output]: what was asked for could not be written: ${error.message}\n`)
      process.exit(4)
    }
  }
  process.exit(0)
}

// Whatever Node has ready made of its own is compiled anew once a flag is set: what any playbook takes is loaded before.
for (const name of READY) require(name)

// V8 optimizes what has run for a while, and collects garbage on several threads: a short run is over before either
// pays (docs/decisions/0004-start.md). Node 20's V8 alone: later ones count otherwise, and complain of flags they lack.
if (process.versions.v8.startsWith('11.'))
  for (const flag of ['--interrupt-budget=1000000', '--no-parallel-scavenge']) setFlagsFromString(flag)

// As it is read: a function. Put together here it would be copied, onto the heap.
const script = new vm.Script(readFileSync(filename, 'latin1'), {
  filename,
  cachedData: warmUps ? undefined : cached(),
  // What the bundle leaves to be imported when it is needed.
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
})
if (warmUps) runAll(warmUps)
else run()

function run() {
  const main = { exports: {} }
  script.runInThisContext()(main.exports, createRequire(filename), main, filename, __dirname)
}

/** One after the other in one process: V8 keeps what all of them compiled. */
function runAll([args, ...others]) {
  const exit = process.exit
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...args)
  process.exit = (code) => {
    process.exit = exit
    if (code !== 0) exit(code)
    if (others.length > 0) return runAll(others)
    writeFileSync(cache, script.createCachedData())
    exit(0)
  }
  run()
}

function cached() {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}

/** A source that changed after the build, where this is a checkout: package.json leaves dist/sources.json out of packages. */
function newerSource() {
  let sources
  try {
    sources = JSON.parse(readFileSync(join(__dirname, 'sources.json'), 'utf8'))
  } catch {
    return undefined
  }
  const changed = (path) =>
    statSync(join(__dirname, '..', path), { throwIfNoEntry: false })?.mtimeMs > sources.began
  return sources.watched.find(changed)
}
