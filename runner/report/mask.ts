import type { Change } from '../../contract/plan.ts'
import type { Event, Reporter } from './events.ts'
import { PlainSecrets, WrittenSecrets } from './known-secrets.ts'
import { brokenInside, plainText } from './plain-text.ts'
import { asComments, encodedForms, inOtherLetters, partsOf, quotedForms } from './secret-forms.ts'
import { isNoSecret, isSecretName } from './secret-names.ts'
import { hideSecretsIn, MASK } from './secret-texts.ts'
import { type Above, DEEPEST, eachSecret, isSecretEntry, isWithin } from './secret-values.ts'

/** Of a longer one each line is looked for in other letters, and not the whole. */
const LONGEST_VARIED = 1000
/** Shorter ones stand in too many words to be cut out of text. */
const SHORTEST_INSIDE_TEXT = 4
/** Nor these, nor numbers of up to five digits: a password that is one of them would hide half of what is said. */
const COMMON = new Set(
  (
    'true false null none default admin root user users test tests demo main name host localhost postgres postgresql ' +
    'replication replicator standby primary public password passwd secret token pass changeme text changed failed ' +
    'skipped unknown'
  ).split(' '),
)
/** Whether a secret is hidden only where it is all of a value. */
export const isCommon = (secret: string): boolean =>
  secret.length < SHORTEST_INSIDE_TEXT || /^\d{1,5}$/.test(secret) || COMMON.has(secret.toLowerCase())

/** Names of a run's own, mostly; hosts bring others. */
const MOST_CLEAN = 10_000

/** Knows every secret of a run and hides it wherever it shows, in the forms that quoting and encoding give it. */
export class Masker {
  readonly #whole = new Set<string>()
  readonly #written = new WrittenSecrets()
  readonly #plain = new PlainSecrets()
  /** Gone through before. */
  readonly #learned = new WeakSet<object>()
  /** Keys in which there is nothing to hide, as far as secrets are known. */
  readonly #clean = new Set<string>()

  /** A short or common one is hidden only where it is all of a value. */
  add(secret: string): void {
    if (secret.trim() === '' || secret === MASK || this.#whole.has(secret)) return
    this.#whole.add(secret)
    this.#clean.clear()
    this.#addForm(secret)
    for (const part of partsOf(secret)) {
      for (const form of encodedForms(part)) this.#addForm(form)
      if (!this.#addPlain(part)) for (const form of [part, ...quotedForms(part)]) this.#addForm(form)
      if (part.length > LONGEST_VARIED) continue
      for (const other of [...inOtherLetters(part), ...asComments(part), ...brokenInside(part)])
        this.#addPlain(other)
    }
  }

  #addForm(form: string): void {
    if (isCommon(form)) this.#whole.add(form)
    else this.#written.add(form)
  }

  /** @returns whether it is looked for: what stands in too many texts is not */
  #addPlain(text: string): boolean {
    const plain = plainText(text)
    if (isCommon(text) || isCommon(plain.text)) return false
    this.#plain.add(plain)
    return true
  }

  /** Makes known what is a secret in variables, by its name at any depth, or by the text it stands in. */
  learn(vars: Readonly<Record<string, unknown>>): void {
    if (this.#learned.has(vars)) return
    this.#learned.add(vars)
    eachSecret('', vars, (secret) => this.add(secret))
  }

  /** Makes known what a task registers under a name that is a secret's: what it said, not how it went. */
  learnResult(name: string, result: Readonly<Record<string, unknown>>): void {
    if (!isSecretName(name)) {
      eachSecret('', result, (secret) => this.add(secret), { inTexts: false })
      return
    }
    const { cmd: _cmd, msg: _msg, skip_reason: _reason, changes: _changes, notes: _notes, ...said } = result
    eachSecret(name, texts(said), (secret) => this.add(secret), { inTexts: false })
  }

  /** @param file the text is a file's: see hideSecretsIn */
  mask(text: string, file = false): string {
    if (this.#whole.has(text)) return MASK
    if (text.length < SHORTEST_INSIDE_TEXT) return text
    return hideSecretsIn(this.#written.hide(this.#plain.hide(text)), { file })
  }

  /**
   * Texts, keys and numbers in lists and mappings; the value itself where nothing is to hide.
   * @param secret whether it is one itself, by the name that it stands under
   */
  maskDeep<T>(value: T, { file = false, name = '' } = {}): T {
    return this.#deep(value, name, isSecretName(name), file) as T
  }

  /** Each field of an event, whose names are the runner's own, but for those that are spared. */
  maskFields<T extends object>(event: T, spared: ReadonlySet<string>): T {
    let masked: Record<string, unknown> | undefined
    const fields = event as Record<string, unknown>
    for (const name of Object.keys(fields)) {
      if (spared.has(name)) continue
      const own = this.#deep(fields[name], name, isSecretName(name), false)
      if (own === fields[name]) continue
      masked ??= { ...fields }
      masked[name] = own
    }
    return (masked ?? event) as T
  }

  /**
   * @param name what it stands under @param secret whether it is one, by that name or that of what it is in
   * @param above is asked where a value holds itself
   */
  #deep(value: unknown, name: string, secret: boolean, file: boolean, above?: Above): unknown {
    if (typeof value === 'string') {
      if (secret && value !== '' && !isNoSecret(name, value)) return MASK
      return this.mask(value, file)
    }
    if (typeof value === 'number' || typeof value === 'bigint')
      return secret || this.#whole.has(String(value)) ? MASK : value
    if (typeof value !== 'object' || value === null) return value
    if (ArrayBuffer.isView(value)) return secret ? MASK : this.#bytes(value)
    if (isWithin(value, above)) return '(itself)'
    const depth = (above?.depth ?? 0) + 1
    // Whoever goes through more of them runs out of stack: a host may say what it likes.
    if (depth > DEEPEST) return `(nested more than ${DEEPEST} deep)`
    const within = { value, next: above, depth }
    if (Array.isArray(value)) return this.#list(value, name, secret, file, within)
    return isPlain(value) ? this.#mapping(value as Record<string, unknown>, secret, file, within) : value
  }

  #list(value: readonly unknown[], name: string, secret: boolean, file: boolean, within: Above): unknown {
    let masked: unknown[] | undefined
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index]
      const isOwn = !isOption(value[index - 1])
      const own = isOwn
        ? this.#deep(item, name, secret, file, within)
        : this.#deep(item, '', true, false, within)
      if (own === item) continue
      masked ??= [...value]
      masked[index] = own
    }
    return masked ?? value
  }

  #mapping(value: Record<string, unknown>, secret: boolean, file: boolean, within: Above): unknown {
    let masked: [string, unknown][] | undefined
    const keys = Object.keys(value)
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at]!
      const item = value[key]
      const name = this.#key(key)
      const own = this.#deep(item, key, isSecretEntry(key, secret, value), file, within)
      if (name !== key || own !== item) masked ??= keys.slice(0, at).map((before) => [before, value[before]])
      masked?.push([name, own])
    }
    return masked ? Object.fromEntries(masked) : value
  }

  /** Events bring the same again and again. */
  #key(key: string): string {
    if (this.#clean.has(key)) return key
    const masked = this.mask(key)
    if (masked !== key) return masked
    if (this.#clean.size >= MOST_CLEAN) this.#clean.clear()
    this.#clean.add(key)
    return key
  }

  #bytes(value: ArrayBufferView): unknown {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
    const masked = this.mask(text)
    return masked === text ? value : masked
  }
}

/** Hides secrets in every event before `inner` sees it. */
export function maskingReporter(inner: Reporter, masker: Masker): Reporter {
  return {
    report: (event) => inner.report(maskEvent(event, masker)),
    close: () => inner.close(),
  }
}

function maskEvent(event: Event, masker: Masker): Event {
  // Hosts' names and counts alone.
  if (event.event === 'recap') return event
  if (event.event !== 'task_result') return masker.maskFields(event, OF_EVENT)
  const masked = masker.maskFields(event, OF_RESULT)
  if (event.changes.length === 0) return masked
  return { ...masked, changes: event.changes.map((change) => maskChange(change, masker)) }
}

/** Words and names of the runner's own, and numbers; changes are masked each in its way. */
const OF_EVENT: ReadonlySet<string> = new Set(['event', 'kind'])
const OF_RESULT: ReadonlySet<string> = new Set('event status kind host module duration_ms changes'.split(' '))

/** A change of `…/api_token` or `role app password` is one of a secret as a whole. */
function maskChange(change: Change, masker: Masker): Change {
  const { before, after, ...rest } = change
  const isText = [before, after].some((value) => typeof value === 'string' && value.includes('\n'))
  const isFile = change.path.startsWith('/')
  const own = change.path.split(/[\s/]/).at(-1)!
  const under = { file: isFile || isText, name: isFile && !isText ? '' : own }
  const masked = {
    ...masker.maskDeep(rest),
    before: masker.maskDeep(before, under),
    after: masker.maskDeep(after, under),
  }
  const looksAlike = typeof before === 'string' && before !== after && masked.before === masked.after
  if (!looksAlike || change.sensitive) return masked
  return { ...masked, reason: [change.reason, 'what differs is secret'].filter(Boolean).join('; ') }
}

/** Of a command's words: what follows `--password` is one. */
const isOption = (word: unknown): boolean =>
  typeof word === 'string' && word.startsWith('--') && isSecretName(word.slice(2))

/** Exit codes and the like are left: what was said is in texts. */
function texts(value: unknown): unknown {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(texts)
  if (typeof value !== 'object' || value === null || !isPlain(value)) return null
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]))
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
