#!/usr/bin/env node
// `npm run release -- VERSION [--dry-run]`: gives the section "Unreleased" of CHANGELOG.md its version and date, sets the
// version, commits, tags, and packs the tarball. It pushes nothing. Before the commit, whatever fails leaves no change.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const PATHS = ['CHANGELOG.md', 'package.json', 'package-lock.json']

/** @throws {Error} where the section is missing or empty */
export function changelogOf(text, version, date) {
  const [, before, notes] = /^([\s\S]*?)^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text) ?? []
  if (before === undefined) throw new Error("CHANGELOG.md has no section '## Unreleased'")
  if (!notes.trim()) throw new Error("the section '## Unreleased' of CHANGELOG.md is empty: say what changed")
  return text.replace('## Unreleased\n', `## ${version}, ${date}\n`)
}

/** Of package.json or package-lock.json, where the program's own version comes before all others. */
export function versioned(text, version) {
  const file = JSON.parse(text)
  file.version = version
  if (file.packages) file.packages[''].version = version
  return `${JSON.stringify(file, null, 2)}\n`
}

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()

function refusal(version) {
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version ?? ''))
    return `expected a version such as 0.2.0, found '${version ?? ''}'`
  if (git('status', '--porcelain')) return 'the tree is not clean: commit what is in it, or put it away'
  if (git('tag', '--list', `v${version}`)) return `the tag v${version} is there already`
  return undefined
}

function release(version, dry) {
  const why = refusal(version)
  if (why) throw new Error(why)
  const date = new Date().toISOString().slice(0, 10)
  const [changelog, ...files] = PATHS.map((path) => readFileSync(path, 'utf8'))
  const texts = [changelogOf(changelog, version, date), ...files.map((text) => versioned(text, version))]
  const does = [
    [`CHANGELOG.md: Unreleased → ${version}, ${date}`],
    [
      `package.json, package-lock.json: version ${version}`,
      () =>
        PATHS.forEach((path, i) => {
          writeFileSync(path, texts[i])
        }),
    ],
    [
      `commit "Release ${version}"`,
      () => git('commit', '--quiet', '--message', `Release ${version}`, '--', ...PATHS),
    ],
    [`tag v${version}`, () => git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`)],
    [`npm pack: play-${version}.tgz`, () => execFileSync('npm', ['pack', '--silent'], { stdio: 'inherit' })],
  ]
  for (const [what, run] of does) {
    process.stdout.write(`${dry ? 'would ' : ''}do: ${what}\n`)
    if (!dry) run?.()
  }
  process.stdout.write(dry ? '' : `Not pushed: git push --follow-tags\n`)
}

if (process.argv[1]?.endsWith('release.mjs')) {
  const args = process.argv.slice(2)
  try {
    release(
      args.find((arg) => !arg.startsWith('-')),
      args.includes('--dry-run'),
    )
  } catch (error) {
    process.stderr.write(`release: ${error.message}\n`)
    process.exitCode = 1
  }
}
