import type { Change, Plan, Step } from '../../contract.ts'
import { Refusal } from '../../contract.ts'
import { quoteIdent } from '../../quote.ts'
import { targetOf } from '../cluster.ts'
import { type ConfFile, effectiveSettings, parseConf } from '../conf-file.ts'
import { FILE_ERRORS, type Setting, type SettingsFact, settingsKey } from '../settings/catalogue.ts'
import { afterReload, isStale } from '../settings/running.ts'
import { humanize, runningText, sameValue, textOf, type Wanted } from '../settings/value.ts'
import { checkWanted, includesConfD } from './check.ts'
import { commentOut, removeLines, setLine } from './edit.ts'
import type { ConfState } from './read.ts'
import { redact } from './redact.ts'

export interface ConfWish {
  /** By name as written; null removes our line. */
  settings: Readonly<Record<string, Wanted | null>>
  /** Name of the file in conf.d. */
  file: string
  /** The module that keeps the file. */
  module: string
  apply: 'reload' | 'none'
}

const HEADER = '# Kept by play'
const header = (module: string): string =>
  `${HEADER} (${module}). A line that play did not write is left as it is.\n`

/**
 * The plan that makes the files say what is wanted: our lines in one file of conf.d, and nothing later that would
 * win over them. A value that is in force already, wherever it is written, is left there.
 */
export function planConf(state: ConfState, wish: ConfWish): Plan {
  const { cluster } = state
  const own = `${cluster.configDir}/conf.d/${wish.file}`
  const wanted = checkWanted(state, wish, own)
  const texts = new Texts(state, own, wish.module)
  const changes: Change[] = []
  const resets: string[] = []
  const reloadable: Setting[] = []
  const running = cluster.running && !cluster.notReady
  for (const [name, { setting, value }] of wanted) {
    const before = state.effective.get(name)
    const isWritten = value === null ? !texts.ownHas(name) : holds(setting, value, before?.value)
    const isLate =
      value !== null &&
      running &&
      wish.apply === 'reload' &&
      setting.context === 'sighup' &&
      isStale(setting, textOf(value))
    if (isWritten && !isLate) continue
    if (setting.context !== 'postmaster') reloadable.push(setting)
    if (isWritten) {
      changes.push({
        path: `setting ${setting.name}`,
        before: redact(humanize(setting, setting.setting ?? '')),
        after: redact(shown(setting, before?.value)),
        reason: 'the files say so already, but the server has not read them since',
      })
      continue
    }
    if (value === null) texts.edit(own, (text) => removeLines(text, name))
    else {
      texts.set(name, textOf(value))
      if (texts.clearTheWay(name, running)) resets.push(name)
    }
    const after = value === null ? texts.effective(resets).get(name)?.value : textOf(value)
    changes.push({
      path: `setting ${setting.name}`,
      before: before || value === null ? redact(shown(setting, before?.value)) : defaultOf(setting),
      after: redact(shown(setting, after)),
      reason: reasonOf(setting, running, wish.apply, value),
    })
  }
  if (changes.length === 0) return { changes, steps: [], notes: state.notes }
  if (!includesConfD(state) && texts.changed().length > 0)
    changes.unshift({ path: `${state.main.path} include_dir`, before: null, after: 'conf.d' })
  refuseForeignErrors(state, texts)
  return {
    changes,
    steps: stepsOf(state, texts, resets, wish.apply === 'reload' ? reloadable : []),
    predicts: predictsOf(state, texts, resets, wish.apply === 'reload'),
    notes: [...state.notes, ...texts.notes],
  }
}

/** Settings of a wish whose running value waits for a restart. Exact before and after the change. */
export function restartNeeded(state: ConfState, wish: ConfWish): string[] {
  if (!state.cluster.running) return []
  return Object.entries(wish.settings)
    .flatMap(([name, value]) => {
      const setting = state.settings[name.toLowerCase()]
      if (setting?.context !== 'postmaster') return []
      const own = `${state.cluster.configDir}/conf.d/${wish.file}`
      const elsewhere = state.all.findLast(
        (one) => one.name === name.toLowerCase() && one.file !== own,
      )?.value
      const text = value === null ? elsewhere : textOf(value)
      return isStale(setting, text) ? [setting.name] : []
    })
    .sort()
}

function holds(setting: Setting, value: Wanted, inForce: string | undefined): boolean {
  const found = inForce ?? setting.boot
  return found !== undefined && sameValue(setting, value, found)
}

const shown = (setting: Setting, value: string | undefined): string =>
  value === undefined ? defaultOf(setting) : /^\d+$/.test(value) ? humanize(setting, value) : value

const defaultOf = (setting: Setting): string =>
  setting.boot === undefined ? '(default)' : `${humanize(setting, setting.boot) || "''"} (default)`

function reasonOf(setting: Setting, running: boolean, apply: string, value: Wanted | null): string {
  const isRunning = running && value !== null && !isStale(setting, textOf(value))
  const when = !running
    ? 'at the next start'
    : isRunning
      ? 'the server runs with it already, but the files say otherwise'
      : setting.context === 'postmaster'
        ? 'needs a restart'
        : apply === 'reload'
          ? 'with a reload'
          : 'once the server reloads'
  return value === null ? `our line goes; ${when}` : when
}

/** The configuration files while they are edited. */
class Texts {
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

/** An error in a line that stays would keep the server from reading any of it. */
function refuseForeignErrors(state: ConfState, texts: Texts): void {
  const known = [state.main, ...state.confD, ...(state.auto ? [state.auto] : [])]
  const stay = state.errors.filter(({ file, line }) => {
    const old = known.find(({ path }) => path === file)?.text.split('\n')[line - 1]
    return old === undefined || texts.text(file).split('\n').includes(old)
  })
  if (stay.length === 0) return
  throw new Refusal(
    `the server refuses the configuration files as they are, so it would not take this change either`,
    'Correct these lines first.',
    stay.map(({ file, line, error }) => `${file}:${line}: ${error}`),
  )
}

function stepsOf(state: ConfState, texts: Texts, resets: string[], reloadable: Setting[]): Step[] {
  const { cluster } = state
  const running = cluster.running && !cluster.notReady
  const on = targetOf(cluster)
  const folder: Step = {
    do: 'directory',
    path: `${cluster.configDir}/conf.d`,
    owner: 'postgres',
    group: 'postgres',
    mode: '0755',
  }
  const files: Step[] = texts.changed().map(([path, content]) => ({
    do: 'write_file',
    path,
    content,
    owner: 'postgres',
    group: 'postgres',
    mode: path === state.auto?.path ? '0600' : '0644',
  }))
  const writes = includesConfD(state) ? files : [folder, ...files]
  if (!running) return writes
  const steps: Step[] =
    writes.length === 0 ? [] : [{ do: 'guard', steps: writes, verify: { on, text: VERIFY } }]
  for (const name of resets)
    steps.push({ do: 'sql', on, text: `ALTER SYSTEM RESET ${name.split('.').map(quoteIdent).join('.')}` })
  if (reloadable.length === 0) return steps
  steps.push({ do: 'sql', on, text: 'select pg_reload_conf()', title: 'the reload' })
  const awaited = awaitedValues(reloadable, texts.effective(resets))
  if (awaited.length > 0)
    steps.push({
      do: 'wait',
      ready: { on, text: IN_FORCE, values: [JSON.stringify(awaited)] },
      timeout: 10,
      message: `the server was told to reload, but these settings did not take effect: ${awaited.map(({ name }) => name).join(', ')}`,
    })
  return steps
}

const VERIFY = `select file || ':' || line || ': ' || error from (${FILE_ERRORS}) e`

/** Only settings that no role, database or session can override are waited for. */
function awaitedValues(settings: Setting[], effective: ReadonlyMap<string, { value: string }>) {
  return settings
    .filter(({ context, vartype }) => context === 'sighup' && vartype !== 'string')
    .flatMap((setting) => {
      const value = effective.get(setting.name.toLowerCase())?.value ?? setting.boot
      return value === undefined ? [] : [{ name: setting.name, setting: runningText(setting, value) }]
    })
}

const IN_FORCE = `select 1 where not exists (
  select from json_to_recordset($1::json) as wanted (name text, setting text) join pg_settings s using (name)
  where case when s.vartype = 'real' then s.setting::float8 <> wanted.setting::float8
    when s.vartype = 'integer' and s.setting !~ '^0[0-7]' then s.setting::bigint <> wanted.setting::bigint
    when s.vartype in ('bool', 'enum') then s.setting <> wanted.setting else false end)`

function predictsOf(
  state: ConfState,
  texts: Texts,
  resets: string[],
  reloads: boolean,
): Record<string, unknown> {
  const { cluster, auto, settings } = state
  const predicts: Record<string, unknown> = {}
  if (auto && resets.length > 0)
    predicts[`file/${auto.path}`] = {
      content: resets.reduce((text, name) => removeLines(text, name), auto.text),
      owner: 'postgres',
      group: 'postgres',
      mode: '0600',
    }
  if (!cluster.running || cluster.notReady) return predicts
  const fact: SettingsFact = {
    settings: reloads ? afterReload(settings, texts.effective(resets)) : settings,
    errors: null,
  }
  predicts[settingsKey(cluster)] = fact
  return predicts
}
