import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { root } from '../support/play.ts'
import { MUTANTS } from './mutants.ts'

/**
 * Would the tests notice? Each mutant is one fault put into a source of its own copy; a mutant that the tests let live is
 * a rule that nothing holds. `npm run check-mutants [-- FILE]`; minutes.
 */
const only = process.argv[2]
const copy = mkdtempSync(join(tmpdir(), 'play-mutants-'))
const LEFT_OUT = ['node_modules', '.git', 'dist', '.state']
let alive = 0
let count = 0
try {
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => path === root || !LEFT_OUT.includes(basename(path)),
  })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const { file, tests, faults } of MUTANTS.filter((one) => !only || one.file.includes(only))) {
    const path = join(copy, file)
    const source = readFileSync(path, 'utf8')
    for (const [name, from, to] of faults) {
      count += 1
      if (!source.includes(from)) throw new Error(`${file}: ${name}: '${from}' is not in it any more`)
      writeFileSync(
        path,
        source.replace(from, () => to),
      )
      const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'unit', ...tests], { cwd: copy })
      if (status === 0) alive += 1
      process.stdout.write(`${status === 0 ? 'ALIVE ' : 'killed'}  ${file}: ${name}\n`)
    }
    writeFileSync(path, source)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`${count} mutants, ${alive} alive\n`)
process.exitCode = alive === 0 ? 0 : 1
