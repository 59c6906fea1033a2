import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a program of Ansible's answered. */
export interface Answer {
  code: number
  stdout: string
  stderr: string
}

export interface Driven {
  kind: 'inventory' | 'hosts'
  /** In the folder. */
  folder: string
  args: readonly string[]
}

/** Ansible in a root file system of its own (a Debian with ansible-core), with a folder in which its files are. */
export class Ansible {
  readonly version: string
  /** As it is seen inside. */
  readonly inside: string
  readonly #outside: string

  /** @param root `/` for this machine's own */
  constructor(readonly root: string) {
    mkdirSync(join(root, 'tmp'), { recursive: true })
    this.#outside = mkdtempSync(join(root, 'tmp/play-oracle-'))
    this.inside = `/${this.#outside.slice(root.length).replace(/^\/+/, '')}`
    this.version = /core ([\d.]+)/.exec(this.run(['ansible', '--version']).stdout)?.[1] ?? ''
    if (this.version === '') throw new Error(`no ansible-core in ${root}`)
  }

  path = (name: string): string => join(this.#outside, name)

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = this.path(name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content, {
        mode: typeof content === 'string' && content.startsWith('#!') ? 0o755 : 0o644,
      })
    }
  }

  /** Many of ansible-inventory and ansible, in one process that loads Ansible once. @returns what each answered */
  drive(cases: readonly Driven[]): Answer[] {
    const inputs = cases.map(({ folder, ...rest }) => ({ ...rest, cwd: join(this.inside, folder) }))
    this.write({ 'driver.py': readFileSync(new URL('driver.py', import.meta.url), 'utf8') })
    const answers: { code: number; out: string; err: string }[] = JSON.parse(
      this.must(['python3', 'driver.py'], JSON.stringify(inputs)),
    )
    return answers.map(({ code, out, err }) => ({ code, stdout: out, stderr: err }))
  }

  /** In the folder. */
  run(argv: readonly string[], input: string | Buffer = ''): Answer {
    const inFolder = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', this.inside, ...argv]
    const [program, ...args] = this.root === '/' ? inFolder : ['chroot', this.root, ...inFolder]
    const env = { PATH: process.env.PATH, HOME: this.inside, LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1' }
    const { status, stdout, stderr } = spawnSync(program!, args, { input, env, maxBuffer: 64 * 1024 * 1024 })
    return { code: status ?? -1, stdout: stdout.toString(), stderr: stderr.toString() }
  }

  /** @throws where it fails */
  must(argv: readonly string[], input?: string | Buffer): string {
    const { code, stdout, stderr } = this.run(argv, input)
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${code}\n${stdout}${stderr}`)
    return stdout
  }

  remove = (): void => rmSync(this.#outside, { recursive: true, force: true })
}
