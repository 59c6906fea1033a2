import type { Located, Task } from '../types.ts'
import { isWholeTemplate, readArgs, readMoreArgs } from './args.ts'
import type { Context, Mapping } from './context.ts'
import { Fields } from './fields.ts'
import { readInheritable } from './inherit.ts'
import { mayBeSkipped, readInvocation } from './invocation.ts'
import { HANDLER_KEYWORDS, TASK_KEYWORDS } from './keywords.ts'
import { readLoop, readLoopControl } from './loop.ts'
import { readModuleDefaults, under, withDefaults } from './module-defaults.ts'

/** Ansible's defaults for until (Playbook Keywords: retries, delay). */
const RETRIES = 3
const DELAY_SECONDS = 5

export function readTask(at: Located<Mapping>, context: Context): Task {
  const fields = new Fields(at, context.diagnostics)
  const found = readInvocation(fields, context, context.handlers ? HANDLER_KEYWORDS : TASK_KEYWORDS)
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
    until: fields.has('until') ? fields.conditions('until') : undefined,
    retries: fields.number('retries', 0, true) ?? RETRIES,
    delay: fields.number('delay', 0) ?? DELAY_SECONDS,
    changedWhen: fields.booleanOrConditions('changed_when'),
    failedWhen: fields.booleanOrConditions('failed_when'),
    timeout: fields.number('timeout', 0),
    async: fields.number('async', 0),
    poll: fields.number('poll', 0),
  }
  // The mistake is told; what else the task says, such as the name it registers, still counts for the checks to come.
  if (!found) return { ...rest, name: name ?? '', module: '', modulePos: at.locate(), args: NO_ARGS(at) }
  const { module, pos, here } = found
  const more = found.absent ? {} : readMoreArgs(fields)
  const isTemplate = module.freeForm === undefined && isWholeTemplate(found.args.value)
  const given = isTemplate ? NO_ARGS(at) : readArgs(found.args, module, pos, context.diagnostics)
  const template = isTemplate
    ? { template: String(found.args.value), pos: found.args.locate() }
    : more.template
  const written = under(given, more.mapping, module)
  const args = withDefaults(written, module, readModuleDefaults(fields, context))
  return {
    ...{ ...rest, name: name ?? module.name, module: module.name, modulePos: pos, args },
    ...(here ? { delegateTo: rest.delegateTo ?? 'localhost' } : {}),
    ...(template ? { moreArgs: template } : {}),
    ...(mayBeSkipped(fields, context) ? { mayBeSkipped: true } : {}),
  }
}

const NO_ARGS = (at: Located): Task['args'] => ({
  value: {},
  locate: () => at.locate(),
  locateKey: () => at.locate(),
})
