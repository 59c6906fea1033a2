import { Refusal } from '../../contract/errors.ts'
import { type Prediction, predict } from '../../contract/facts.ts'
import type { Change, Plan } from '../../contract/plan.ts'
import { fileKey } from '../../contract/shared-facts.ts'
import { filesReadKey } from '../hba/fact.ts'
import { type Setting, type SettingsFact, settingsKey } from '../settings/catalogue.ts'
import { afterReload, isStale, runsWith } from '../settings/running.ts'
import { humanize, sameValue, textOf, type Wanted, writtenText } from '../settings/value.ts'
import { isLowered } from './capacity.ts'
import { checkWanted, includesConfD } from './check.ts'
import { removeLines } from './edit.ts'
import type { ConfState } from './read.ts'
import { redact } from './redact.ts'
import { RELOAD, stepsOf } from './steps.ts'
import { Texts } from './texts.ts'

export interface ConfWish {
  /** By name as written; null removes our line. */
  settings: Readonly<Record<string, Wanted | null>>
  /** Name of the file in conf.d. */
  file: string
  /** The module that keeps the file. */
  module: string
  apply: 'reload' | 'none'
}

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
  refuseIncluded(state, [...wanted.keys()])
  for (const [name, { setting, value }] of wanted) {
    const before = state.effective.get(name)
    const isWritten = value === null ? !texts.ownHas(name) : isSaid(setting, value, before?.value)
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
      texts.set(name, writtenText(setting, value))
      if (texts.clearTheWay(name, running)) resets.push(name)
    }
    const after = value === null ? texts.effective(resets).get(name)?.value : writtenText(setting, value)
    const when = reasonOf(setting, running, wish.apply, value)
    const lowers = isInUse(state, setting) && isLowered(setting, before?.value, after)
    changes.push({
      path: `setting ${setting.name}`,
      before: before || value === null ? redact(shown(setting, before?.value)) : defaultOf(setting),
      after: redact(shown(setting, after)),
      reason: lowers ? `allows less than before; ${when}` : when,
      ...(lowers ? { destructive: true } : {}),
    })
  }
  const certificate = wish.apply === 'reload' && 'ssl_cert_file' in wish.settings && isStaleCertificate(state)
  if (certificate)
    changes.push({
      path: 'the TLS certificate in force',
      before: 'as it was before its files were last written',
      after: 'as in its files',
    })
  if (changes.length === 0) return { changes, steps: [], notes: state.notes }
  if (!includesConfD(state) && texts.changed().length > 0)
    changes.unshift({ path: `${state.main.path} include_dir`, before: null, after: 'conf.d' })
  refuseForeignErrors(state, texts)
  const steps = stepsOf(state, texts, resets, wish.apply === 'reload' ? reloadable : [], certificate)
  const reloads = steps.some((step) => step.do === 'sql' && step.text === RELOAD)
  return {
    changes,
    steps,
    predicts: [
      ...predictsOf(state, texts, resets, wish.apply === 'reload'),
      ...(reloads ? [predict(filesReadKey(cluster), true)] : []),
    ],
    notes: [...state.notes, ...texts.notes],
  }
}

/** A standby starts no subscription workers. */
const isInUse = ({ cluster, unused }: ConfState, { name }: Setting): boolean =>
  !unused && !(cluster.recovery && name === 'max_logical_replication_workers')

/** The run before was interrupted between the two, or a certificate was renewed: running sessions are not touched. */
const isStaleCertificate = ({ tls: { stale, planned, read } }: ConfState): boolean =>
  stale !== undefined && (planned === undefined ? stale : planned !== read)

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

/** By the files, or by the server's command line, which wins over them. What is wanted otherwise there was refused. */
const isSaid = (setting: Setting, value: Wanted, inForce: string | undefined): boolean =>
  setting.source === 'command line' || holds(setting, value, inForce)

function holds(setting: Setting, value: Wanted, inForce: string | undefined): boolean {
  const found = inForce ?? setting.boot
  return found !== undefined && sameValue(setting, value, found)
}

const shown = (setting: Setting, value: string | undefined): string =>
  value === undefined ? defaultOf(setting) : /^\d+$/.test(value) ? humanize(setting, value) : value

const defaultOf = (setting: Setting): string =>
  setting.boot === undefined ? '(default)' : `${humanize(setting, setting.boot) || "''"} (default)`

function reasonOf(setting: Setting, running: boolean, apply: string, value: Wanted | null): string {
  const isRunning = running && value !== null && runsWith(setting, textOf(value))
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

function predictsOf(state: ConfState, texts: Texts, resets: string[], reloads: boolean): Prediction[] {
  const { cluster, auto, settings } = state
  const predicts: Prediction[] = []
  if (auto && resets.length > 0) {
    const content = resets.reduce((text, name) => removeLines(text, name), auto.text)
    predicts.push(
      predict(fileKey(auto.path), { content, owner: 'postgres', group: 'postgres', mode: '0600' }),
    )
  }
  if (!cluster.running || cluster.notReady) return predicts
  const fact: SettingsFact = {
    settings: reloads ? afterReload(settings, texts.effective(resets)) : settings,
    errors: null,
    tlsRead: reloads ? state.tls.planned : state.tls.read,
  }
  return [...predicts, predict(settingsKey(cluster), fact)]
}

/** @throws {Refusal} where a file that play does not write has a say: its value may win, and did whatever is written here */
function refuseIncluded({ included }: ConfState, names: readonly string[]): void {
  const theirs = included.filter(({ name }) => names.includes(name.toLowerCase()))
  if (theirs.length === 0) return
  throw new Refusal(
    `files that are included besides conf.d set ${[...new Set(theirs.map(({ name }) => name))].join(', ')}`,
    'Take the lines out there, or leave these settings to those files.',
    theirs.map(({ name, value, file, line }) => `${file}:${line}: ${name} = ${redact(value)}`),
  )
}
