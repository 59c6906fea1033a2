import { includesConfD } from './check.ts'
import { type ConfFile, effectiveSettings, parseConf } from './conf-file.ts'
import { commentOut, removeLines, setLine } from './edit.ts'
import type { ConfState } from './read.ts'

const HEADER = '# Kept by play'
const header = (module: string): string =>
  `${HEADER} (${module}). A line that play did not write is left as it is.\n`

/** The configuration files while they are edited. */
export class Texts {
  readonly notes: string[] = []
  readonly #texts = new Map<string, string>()
  readonly #confD: ConfFile[]

  constructor(
    readonly state: ConfState,
    readonly own: string,
    module: string,
  ) {
    const isNew = !state.confD.some(({ path }) => path === own)
    const files = [...state.confD, ...(isNew ? [{ path: own, text: header(module) }] : [])]
    this.#confD = files.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** A setting in our file, which postgresql.conf is made to read. */
  set(name: string, value: string): void {
    if (!includesConfD(this.state) && !this.#texts.has(this.state.main.path))
      this.edit(this.state.main.path, (text) => setLine(text, 'include_dir', 'conf.d'))
    this.edit(this.own, (text) => setLine(text, name, value))
  }

  edit(path: string, change: (text: string) => string): void {
    this.#texts.set(path, change(this.text(path)))
  }

  text(path: string): string {
    const { main, auto } = this.state
    const file = [main, ...this.#confD, ...(auto ? [auto] : [])].find((one) => one.path === path)
    return this.#texts.get(path) ?? file?.text ?? ''
  }

  ownHas = (name: string): boolean => parseConf(this.text(this.own)).some((line) => line.name === name)

  /** Edited files: path and new text. */
  changed = (): [string, string][] => [...this.#texts]

  effective(resets: readonly string[]) {
    const now = ({ path }: ConfFile): ConfFile => ({ path, text: this.text(path) })
    const { main, auto } = this.state
    const autoText = auto && resets.reduce((text, name) => removeLines(text, name), this.text(auto.path))
    return effectiveSettings(now(main), this.#confD.map(now), auto && { path: auto.path, text: autoText! })
      .settings
  }

  /** Silences what is read after our file. True where postgresql.auto.conf must be reset through the server. */
  clearTheWay(name: string, running: boolean): boolean {
    const { main, auto } = this.state
    const why = `play: ${this.own.split('/').pop()} sets it`
    const { all } = effectiveSettings(
      { ...main, text: this.text(main.path) },
      this.#confD.map(({ path }) => ({ path, text: this.text(path) })),
      null,
    )
    const ours = all.findLastIndex((one) => one.file === this.own && one.name === name)
    const later = all.slice(ours + 1).filter((one) => one.name === name)
    for (const file of new Set(later.map((one) => one.file))) {
      const lines = new Set(later.filter((one) => one.file === file).map((one) => one.line))
      this.edit(file, (text) => commentOut(text, lines, why))
      this.notes.push(`${name} was also set in ${file}, which is read later: that line is now a comment`)
    }
    if (!auto || !parseConf(auto.text).some((line) => line.name === name)) return false
    this.notes.push(`${name} was also set by ALTER SYSTEM, which wins over conf.d: that is reset`)
    if (!running) this.edit(auto.path, (text) => removeLines(text, name))
    return running
  }
}
