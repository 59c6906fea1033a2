import { HOST_ORDERS, type Located, type Play, STRATEGIES, type VarsPrompt } from '../types.ts'
import { isMapping, within } from '../yaml.ts'
import { checkKeywords } from './check-keywords.ts'
import { type Context, type Mapping, noParts } from './context.ts'
import { readEntries } from './entries.ts'
import { Fields, isTemplate } from './fields.ts'
import { readHandlers } from './handlers.ts'
import { readInheritable } from './inherit.ts'
import { PLAY_KEYWORDS } from './keywords.ts'
import { readModuleDefaults } from './module-defaults.ts'
import { readRoles } from './roles/play-roles.ts'

const SECTIONS = ['pre_tasks', 'tasks', 'post_tasks'] as const

export function readPlay(at: Located<Mapping>, around: Context): Play {
  const fields = new Fields(at, around.diagnostics)
  checkKeywords(fields, PLAY_KEYWORDS, 'a play', around)
  const parts = noParts()
  const context: Context = {
    ...around,
    parts,
    moduleDefaults: readModuleDefaults(fields, around),
    collections: fields.texts('collections').map(({ text }) => text),
    playVars: isMapping(at.value.vars) ? within<Mapping>(at, 'vars') : undefined,
  }
  const hosts = readHosts(fields, context)
  // Of no effect here, and wrong all the same where they are none of these.
  for (const key of ['gather_subset', 'fact_path']) fields.texts(key)
  fields.number('gather_timeout', 0)
  const roles = readRoles(within(at, 'roles'), context)
  const ofRoles = parts.handlers.splice(0)
  const sections = SECTIONS.map((name) => {
    const entries = readEntries(within(at, name), context, name)
    return { name, entries: name === 'tasks' ? [...roles, ...entries] : entries }
  })
  const handlers = fields.has('handlers') ? readHandlers(within(at, 'handlers'), context) : []
  const { settings } = around
  const inheritable = readInheritable(fields)
  return {
    // `when` and `delegate_to` are no keywords of a play and told already.
    ...inheritable,
    anyErrorsFatal: inheritable.anyErrorsFatal ?? settings?.any_errors_fatal,
    noLog: inheritable.noLog ?? settings?.no_log,
    when: [],
    delegateTo: undefined,
    name: fields.text('name') ?? hosts,
    pos: at.locate(),
    file: context.file,
    dir: context.dir,
    hosts,
    hostsPos: fields.has('hosts') ? fields.pos('hosts') : at.locate(),
    gatherFacts: fields.flag('gather_facts') ?? settings?.gathering !== 'explicit',
    varsFiles: fields.texts('vars_files').map(({ text, pos }) => ({ path: text, pos })),
    serial: readSerial(fields),
    strategy: fields.oneOf('strategy', STRATEGIES) ?? settings?.strategy ?? 'linear',
    order: fields.oneOf('order', HOST_ORDERS) ?? 'inventory',
    maxFailPercentage: fields.number('max_fail_percentage', 0),
    prompts: readPrompts(fields),
    forceHandlers: fields.flag('force_handlers'),
    sections,
    handlers: [...ofRoles, ...handlers, ...parts.handlers],
    roles: parts.roles,
    settings,
  }
}

/** A pattern, or a list of patterns that are joined. */
function readHosts(fields: Fields, context: Context): string {
  if (fields.has('hosts')) {
    const patterns = fields.texts('hosts').map(({ text }) => text)
    if (patterns.length === 0 && (fields.raw('hosts') === null || Array.isArray(fields.raw('hosts'))))
      fields.wrong(
        'hosts',
        'a host, a group or a pattern',
        'write hosts: all for every host of the inventory',
      )
    return patterns.join(',')
  }
  const task = fields.keys().some((key) => context.modules.has(key))
  context.diagnostics.add('playbook', 'this play names no hosts', {
    pos: fields.at.locate(),
    hint: task
      ? 'this looks like a file of tasks: name it in import_tasks of a play'
      : 'add hosts: with a host, a group or a pattern, such as hosts: all',
  })
  return ''
}

/** Counts or percentages (Ansible, Setting the batch size with serial). */
function readSerial(fields: Fields): Play['serial'] {
  return fields.texts('serial').flatMap(({ text, pos }): Play['serial'] => {
    if (isTemplate(text)) return [{ template: text, pos }]
    if (isBatchSize(text)) return [/^\d+$/.test(text) ? Number(text) : text]
    fields.diagnostics.add('playbook', `serial wants a number of hosts or a percentage, but found ${text}`, {
      pos,
      hint: 'write serial: 1, serial: 30%, or a list of such',
    })
    return []
  })
}

/** A count, or a percentage of all hosts. */
export const isBatchSize = (text: string): boolean =>
  /^[1-9]\d*$/.test(text) || /^([1-9]\d?|100)%$/.test(text)

/** `vars_prompt` (docs.ansible.com, Interactive input: prompts). */
function readPrompts(fields: Fields): VarsPrompt[] {
  const list = fields.raw('vars_prompt')
  if (list === undefined || list === null) return []
  if (!Array.isArray(list))
    return fields.wrong('vars_prompt', 'a list of mappings', 'write - name: and prompt: under it') ?? []
  return list.flatMap((one, index): VarsPrompt[] => {
    if (!isMapping(one)) {
      fields.wrong('vars_prompt', 'mappings with name and prompt', undefined, [index])
      return []
    }
    const own = new Fields(within<Mapping>(fields.at, 'vars_prompt', index), fields.diagnostics)
    checkKeywords(own, PROMPT_KEYS, 'vars_prompt')
    const name = own.has('name') ? own.identifier('name') : own.wrong('name', 'the name of a variable')
    if (name === undefined) return []
    for (const key of ['encrypt', 'salt', 'salt_size'].filter((key) => own.has(key)))
      own.diagnostics.add('playbook', `${key} is not taken in vars_prompt`, {
        pos: own.keyPos(key),
        hint: 'type the hash itself, such as one that mkpasswd makes',
      })
    return [
      {
        name,
        pos: own.at.locate(),
        prompt: own.text('prompt') ?? name,
        default: own.raw('default') ?? undefined,
        private: own.boolean('private') ?? true,
        confirm: own.boolean('confirm') ?? false,
      },
    ]
  })
}

const PROMPT_KEYS = [
  'name',
  'prompt',
  'default',
  'private',
  'confirm',
  'encrypt',
  'salt',
  'salt_size',
  'unsafe',
]
