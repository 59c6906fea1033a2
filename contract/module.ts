import type * as z from 'zod'
import type { HostReader } from './host.ts'
import type { Plan, StepOutput } from './plan.ts'
import type { ReadCommand } from './read-commands.ts'

/**
 * What every module implements. `inspect` reads and never writes; `plan` is pure. The runner alone applies
 * steps, so a module never learns whether this is a check: status, diff, notifications and recap all derive
 * from `changes`.
 */
export interface Module<Params = any, State = any> {
  name: string
  summary: string
  /** Modules that have parameters in common: `module_defaults: { group/NAME: … }` gives them to all. */
  group?: string
  /** Parsed before a host is touched. The source of the reference page and of argument errors. */
  params: z.ZodType<Params>
  /** The key that a plain string argument fills, as in `command: uptime` or `fail: no such host`. */
  freeForm?: string
  /** The arguments that may stand as `name=value` among the words of the plain string: `command: make creates=/opt/a`. */
  pairs?: readonly string[]
  /**
   * Whether `inspect` reads nothing, given these arguments as the playbook has them. Such a task is inspected while the
   * one before it runs, and that stands whatever changes; the items of its loop are sent to a host one behind the other,
   * without waiting for each answer.
   */
  readsNothing?(args: Readonly<Record<string, unknown>>): boolean
  /**
   * Whether its plans never have a step, given these arguments as the playbook has them. A playbook of such tasks alone
   * changes nothing, and takes no lock.
   */
  changesNothing?(args: Readonly<Record<string, unknown>>): boolean
  /** The names of its arguments are variables that later tasks may use, or plays behind. */
  setsVariables?: true
  /** Its `ansible_facts` are variables of files, whose templates are rendered where they are read. */
  bringsVariables?: true
  /** What it adds to the inventory, for the plays behind. `host`: on which it is done. */
  additions?(params: Params, host: string): Addition[]
  /** It is done once for all hosts of a play, with the variables of the first, as `run_once` has it. */
  oncePerPlay?: true
  /** Its `ansible_facts` are facts of the host, as `gather_facts` has them. */
  gathersFacts?: true
  /**
   * It exists to be read: its message is shown without -v too.
   * @returns from how many `-v` on; with fewer the task is skipped
   */
  shownFrom?(params: Params): number
  /** The programs and scripts that only its `inspect` runs, besides those that any may. They change nothing. */
  reads?: readonly ReadCommand[]
  /** What nothing else in this run may have as well. Asked before any host is, so that the first host in order has it. */
  claims?(params: Params): Claim[]
  /**
   * What two tasks say against each other that are done on the same hosts, whatever comes between them: asked before a host is
   * reached, with the arguments as they are written, and nothing where a template hides it.
   */
  contradicts?(earlier: WrittenArguments, later: WrittenArguments): Contradiction[]
  /**
   * What a run does before it inspects, and what is never reported as a change: systemd reads its unit files. A check leaves the
   * steps undone, and inspects with the predictions.
   */
  before?(params: Params): Pick<Plan, 'steps' | 'predicts'>
  /** Reads the host through `host` alone. @throws {Refusal} where the task cannot be done here. */
  inspect(host: HostReader, params: Params): Promise<State>
  /** Pure: no I/O, no clock, no randomness. @throws {Refusal} where doing it would be wrong. */
  plan(state: State, params: Params): Plan
  /**
   * The fields that `register` receives besides changed, failed, skipped, changes. `outputs` holds one entry
   * a step that ran; it is null when no step ran, in check mode or when nothing had to change. A field that only
   * the real run can know is `unknown('why')` when `plan.steps` is not empty and `outputs` is null.
   */
  result?(context: {
    state: State
    params: Params
    plan: Plan
    outputs: StepOutput[] | null
  }): Record<string, unknown>
}

/** What a task adds to the inventory: a host that need not be known, its variables, its groups, and the groups above these. */
export interface Addition {
  host: string
  vars?: Record<string, unknown>
  groups: readonly string[]
  parents?: readonly string[]
  /** Groups that a task of this run had put it into, and in which it is no longer. */
  leaves?: readonly string[]
}

export type WrittenArguments = Readonly<Record<string, unknown>>

/** The paths of two arguments, and why they cannot both be so. */
export interface Contradiction {
  earlier: readonly (string | number)[]
  later: readonly (string | number)[]
  /** `{earlier}` stands for the place of the earlier one. */
  message: string
  hint: string
}

/** Something that one of the whole run alone may have. */
export interface Claim {
  /** In the user's words: `slot vm2_from_vm1 of vm1:5432`; null: what it has is given back. */
  what: string | null
  /** Who, on its host. */
  by: string
}

/** Names a type-checked module; the registry holds modules of any parameters. */
export const defineModule = <Params, State>(module: Module<Params, State>): Module<Params, State> => module

/** Marks a parameter's schema. `secret`: masked everywhere by value. `from`: names a file on the controller. */
export interface ParamMeta {
  description: string
  /** What docs/modules.md calls its type; the types of contract/params.ts say it themselves. */
  takes?: string
  /** What happens where it is not given and its schema has no default: `left as it is`, `the first free port`. */
  unset?: string
  secret?: boolean
  from?: 'file' | 'template'
  /**
   * Its text is CEL, which the runner evaluates before the module sees it: each condition arrives as `{ text, ok }`, an
   * expression as `{ text, value }`.
   */
  holds?: 'conditions' | 'expression'
  example?: unknown
  /** Another accepted spelling, such as `dest` for `path`. */
  aliases?: string[]
}
