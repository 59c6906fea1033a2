/** A place in a file the user wrote. Lines and columns count from 1. */
export interface Pos {
  file: string
  line: number
  col: number
  /** How many characters the caret underlines; 1 when left out. */
  length?: number
}

/** Everything `play` can fail with. Tests compare codes, not prose. */
export type ErrorCode =
  | 'usage' // the command line
  | 'config' // play.yaml, an ansible.cfg, or the environment
  | 'yaml' // a file that is no YAML
  | 'inventory' // groups, hosts, ranges, cycles
  | 'pattern' // a host pattern or --limit that matches nothing known
  | 'playbook' // structure: unknown keyword, wrong type
  | 'module' // unknown module
  | 'argument' // a module's arguments
  | 'handler' // notified, but not there
  | 'file' // a file or template that is not there
  | 'template' // {{ }} that does not parse or render
  | 'condition' // CEL that does not parse or evaluate
  | 'variable' // not defined
  | 'unreachable' // no connection: refused, timed out, name not found
  | 'host_key' // unknown or changed
  | 'auth' // no key or password accepted
  | 'become' // sudo refused
  | 'task' // a module's refusal or a failed step
  | 'sql' // the server's error
  | 'destructive' // what --no-destructive forbids
  | 'plan' // a plan that does not fit any more
  | 'lock' // another run holds a machine, or this one's lock is gone
  | 'vault' // encrypted, and not to be opened
  | 'output' // what was done could not be written
  | 'interrupted'
  | 'internal'

/** A part of an error that takes time to say: looked for once it is shown. What reads ahead throws many away. */
export type Later<T> = T | (() => T)

export interface ErrorFields {
  pos?: Later<Pos | undefined>
  /** What to type or do instead. */
  hint?: Later<string | undefined>
  details?: readonly string[]
  cause?: unknown
}

/** An error for the user: one sentence, where it is, and what to do about it. */
export class PlayError extends Error {
  override name = 'PlayError'
  readonly details: readonly string[]
  #pos: ErrorFields['pos']
  #hint: ErrorFields['hint']
  constructor(
    readonly code: ErrorCode,
    message: string,
    fields: ErrorFields = {},
  ) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.#pos = fields.pos
    this.#hint = fields.hint
    this.details = fields.details ?? []
  }
  get pos(): Pos | undefined {
    if (typeof this.#pos === 'function') this.#pos = this.#pos()
    return this.#pos
  }
  get hint(): string | undefined {
    if (typeof this.#hint === 'function') this.#hint = this.#hint()
    return this.#hint
  }
}

/** All that is wrong with the input, shown together. For whoever knows of one error alone it is the first, with all their words. */
export class PlayErrors extends PlayError {
  override name = 'PlayErrors'
  constructor(readonly errors: readonly PlayError[]) {
    const [first] = errors
    super(first?.code ?? 'internal', errors.map((error) => error.message).join('\n'), {
      pos: () => first?.pos,
      hint: () => first?.hint,
      details: first?.details ?? [],
    })
  }
}

/** Ansible's exit codes for what goes wrong before and beside the hosts. */
const EXIT = { usage: 5, input: 4, error: 1, failed: 2, interrupted: 99 }
/** The exit code of a fault of play's own, as Ansible has it. */
export const INTERNAL = 250

/** The exit code of what this ended. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof PlayError)) return INTERNAL
  const { code } = error
  if (code === 'usage' || code === 'config') return EXIT.usage
  if (['plan', 'task', 'sql'].includes(code)) return EXIT.failed
  if (code === 'interrupted') return EXIT.interrupted
  return ['inventory', 'pattern', 'unreachable', 'auth', 'become', 'lock'].includes(code)
    ? EXIT.error
    : EXIT.input
}

/** Collects errors instead of dripping them. */
export class Diagnostics {
  readonly errors: PlayError[] = []
  /** What is no error yet. */
  readonly warnings: { message: string; pos: Pos }[] = []
  add(code: ErrorCode, message: string, fields?: ErrorFields): void {
    this.errors.push(new PlayError(code, message, fields))
  }
  /** Runs `fn`; a PlayError or PlayErrors it throws is collected, and undefined is returned. */
  collect<T>(fn: () => T): T | undefined {
    try {
      return fn()
    } catch (error) {
      if (error instanceof PlayErrors) this.errors.push(...error.errors)
      else if (error instanceof PlayError) this.errors.push(error)
      else throw error
      return undefined
    }
  }
  throwIfAny(): void {
    if (this.errors.length > 0) throw new PlayErrors(this.errors)
  }
}
