import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { must } from './measure.mjs'
import { peerVersions } from './peers.mjs'
import { asMarkdown } from './report.mjs'

/** latest.json and latest.md of a folder. Each job keeps the figures of its last run, with when and where that was. */
export class Results {
  constructor(root, folder, jobs) {
    this.folder = folder
    this.jobs = jobs
    this.where = whereAndWhat(root)
    const file = join(folder, 'latest.json')
    this.results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : []
  }

  add(result) {
    const others = this.results.filter(({ job }) => job !== result.job)
    this.results = [...others, { ...result, ...this.where, when: new Date().toISOString() }]
  }

  /** A job's result with its goals judged; those that compare jobs read the others' results. */
  judged(name) {
    const result = this.results.find(({ job }) => job === name)
    const elsewhere = (other) => this.results.find(({ job }) => job === other)?.contestants
    const goals = this.jobs
      .find((job) => job.name === name)
      .goals.map(({ text, judge }) => ({ text, ...judge(result.contestants, elsewhere) }))
    return { ...result, goals }
  }

  save() {
    const order = this.jobs.filter(({ name }) => this.results.some(({ job }) => job === name))
    const results = order.map(({ name }) => this.judged(name))
    mkdirSync(this.folder, { recursive: true })
    writeFileSync(join(this.folder, 'latest.json'), `${JSON.stringify({ results }, null, 2)}\n`)
    writeFileSync(join(this.folder, 'latest.md'), asMarkdown(results))
  }
}

function whereAndWhat(root) {
  const measured = ['contract', 'postgres', 'modules', 'runner', 'build', 'package-lock.json']
  const changed = must(['git', 'status', '--porcelain', '--', ...measured], { cwd: root }) !== ''
  const commit = must(['git', 'rev-parse', '--short', 'HEAD'], { cwd: root }).trim()
  return {
    commit: changed ? `${commit} and changes` : commit,
    machine: `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    versions: peerVersions(),
  }
}
