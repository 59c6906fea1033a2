import type { Located, Task } from '../types.ts'
import { within } from '../yaml.ts'
import { readArgs, readMoreArgs } from './args.ts'
import { unknownInTask } from './check-keywords.ts'
import type { Context, Mapping } from './context.ts'
import { Fields } from './fields.ts'
import { readInheritable } from './inherit.ts'
import { HANDLER_KEYWORDS, TASK_KEYWORDS, unqualified } from './keywords.ts'
import { readLoop, readLoopControl } from './loop.ts'
import { readModuleDefaults, under, withDefaults } from './module-defaults.ts'

/** Ansible's defaults for until (Playbook Keywords: retries, delay). */
const RETRIES = 3
const DELAY_SECONDS = 5

export function readTask(at: Located<Mapping>, context: Context): Task {
  const fields = new Fields(at, context.diagnostics)
  const key = findModule(fields, context, context.handlers ? HANDLER_KEYWORDS : TASK_KEYWORDS)
  const name = fields.text('name')
  const rest: Omit<Task, 'module' | 'modulePos' | 'args' | 'name'> = {
    kind: 'task',
    pos: at.locate(),
    file: context.file,
    dir: context.dir,
    named: name !== undefined,
    ...readInheritable(fields),
    loop: readLoop(fields),
    loopControl: readLoopControl(fields),
    register: fields.identifier('register'),
    notify: fields.texts('notify').map(({ text, pos }) => ({ name: text, pos })),
    listen: context.handlers ? fields.texts('listen').map(({ text }) => text) : [],
    until: fields.has('until') ? fields.condition('until') : undefined,
    retries: fields.number('retries', 0, true) ?? RETRIES,
    delay: fields.number('delay', 0) ?? DELAY_SECONDS,
    changedWhen: fields.booleanOrConditions('changed_when'),
    failedWhen: fields.booleanOrConditions('failed_when'),
    timeout: fields.number('timeout', 0),
  }
  // The mistake is told; what else the task says, such as the name it registers, still counts for the checks to come.
  if (key === undefined)
    return { ...rest, name: name ?? '', module: '', modulePos: at.locate(), args: NO_ARGS(at) }
  const module = context.modules.get(unqualified(key))!
  const given = readArgs(within(at, key), module, fields.keyPos(key), context.diagnostics)
  const { mapping, template } = readMoreArgs(fields)
  const written = under(given, mapping, module)
  const args = withDefaults(written, module, readModuleDefaults(fields, context))
  return {
    ...{ ...rest, name: name ?? module.name, module: module.name, modulePos: fields.keyPos(key), args },
    ...(template ? { moreArgs: template } : {}),
  }
}

const NO_ARGS = (at: Located): Task['args'] => ({
  value: {},
  locate: () => at.locate(),
  locateKey: () => at.locate(),
})

/** The one key that names a module. */
function findModule(fields: Fields, context: Context, known: readonly string[]): string | undefined {
  const others = fields.keys().filter((key) => !known.includes(key))
  const modules = others.filter((key) => context.modules.has(unqualified(key)))
  let told = false
  for (const key of others) {
    if (modules.includes(key)) continue
    const taken = unknownInTask(fields, key, known, context, modules[0])
    told ||= taken
  }
  const [first, ...more] = modules
  for (const second of more) {
    context.diagnostics.add('playbook', `a task runs one module, but this one names ${first} and ${second}`, {
      pos: fields.keyPos(second),
      hint: `make ${second} a task of its own, with "- " before it`,
    })
  }
  if (first === undefined && !told && others.length === 0) {
    context.diagnostics.add('playbook', 'this task names no module', {
      pos: fields.at.locate(),
      hint: 'add a line with a module and its arguments, such as command: uptime',
    })
  }
  return first
}
