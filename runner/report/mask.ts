import type { Change } from '../../contract/plan.ts'
import type { Event, Reporter } from './events.ts'
import { PlainSecrets, WrittenSecrets } from './known-secrets.ts'
import { brokenInside, plainText } from './plain-text.ts'
import { asComments, encodedForms, inOtherLetters, partsOf, quotedForms } from './secret-forms.ts'
import { isNoSecret, isSecretName } from './secret-names.ts'
import { hideSecretsIn, MASK } from './secret-texts.ts'
import { DEEPEST, eachSecret, isSecretEntry } from './secret-values.ts'

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

interface Parents {
  value: object
  next?: Parents
  /** How many are above it. */
  depth: number
}

/** Where a value stands. */
interface Under {
  name: string
  /** It is a secret by its name, or by that of what it is in. */
  secret: boolean
  /** It is a file's text. */
  file: boolean
}

/** Knows every secret of a run and hides it wherever it shows, in the forms that quoting and encoding give it. */
export class Masker {
  readonly #whole = new Set<string>()
  readonly #written = new WrittenSecrets()
  readonly #plain = new PlainSecrets()
  /** Gone through before. */
  readonly #learned = new WeakSet<object>()

  /** A short or common one is hidden only where it is all of a value. */
  add(secret: string): void {
    if (secret.trim() === '' || secret === MASK || this.#whole.has(secret)) return
    this.#whole.add(secret)
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
    return this.#deep(value, { file, name, secret: isSecretName(name) }) as T
  }

  /** `parents`, the outermost last, are asked where a value holds itself. */
  #deep(value: unknown, under: Under, parents?: Parents): unknown {
    if (typeof value === 'string') {
      if (under.secret && value !== '' && !isNoSecret(under.name, value)) return MASK
      return this.mask(value, under.file)
    }
    if (typeof value === 'number' || typeof value === 'bigint')
      return under.secret || this.#whole.has(String(value)) ? MASK : value
    if (typeof value !== 'object' || value === null) return value
    if (ArrayBuffer.isView(value)) return under.secret ? MASK : this.#bytes(value)
    for (let above = parents; above; above = above.next) if (above.value === value) return '(itself)'
    const depth = (parents?.depth ?? 0) + 1
    // Whoever goes through more of them runs out of stack: a host may say what it likes.
    if (depth > DEEPEST) return `(nested more than ${DEEPEST} deep)`
    const within = { value, next: parents, depth }
    if (Array.isArray(value)) return this.#list(value, under, within)
    return isPlain(value) ? this.#mapping(value as Record<string, unknown>, under, within) : value
  }

  #list(value: readonly unknown[], under: Under, within: Parents): unknown {
    let masked: unknown[] | undefined
    for (const [index, item] of value.entries()) {
      const own = this.#deep(item, isOption(value[index - 1]) ? OF_OPTION : under, within)
      if (own === item) continue
      masked ??= [...value]
      masked[index] = own
    }
    return masked ?? value
  }

  #mapping(value: Record<string, unknown>, { file, secret }: Under, within: Parents): unknown {
    let differs = false
    const masked = Object.entries(value).map(([key, item]): [string, unknown] => {
      const under = { file, name: key, secret: isSecretEntry(key, secret, value) }
      const own: [string, unknown] = [this.mask(key), this.#deep(item, under, within)]
      differs ||= own[0] !== key || own[1] !== item
      return own
    })
    return differs ? Object.fromEntries(masked) : value
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
  const { event: name } = event
  if (event.event === 'task_result') {
    const { status, kind, host, module, duration_ms, changes, ...rest } = event
    const own = { event: name, status, kind, host, module, duration_ms }
    return { ...masker.maskDeep(rest), ...own, changes: maskChanges(changes, masker) } as Event
  }
  const masked = masker.maskDeep(event)
  if (masked === event) return event
  if (event.event === 'task_start') return { ...masked, event: name, kind: event.kind } as Event
  return { ...masked, event: name } as Event
}

const maskChanges = (changes: readonly Change[], masker: Masker): Change[] =>
  changes.map((change) => maskChange(change, masker))

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
const OF_OPTION: Under = { name: '', secret: true, file: false }

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
