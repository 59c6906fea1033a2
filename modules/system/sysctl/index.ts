import { posix } from 'node:path'
import * as z from 'zod'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, flag, hostPath, named, param, text } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { type EditState, inspectEdit, linesOf, planEdit } from '../../files/shared/edit.ts'
import { statFollowed } from '../../files/shared/inspect.ts'
import { entryOf, withoutSetting, withSetting } from './file.ts'
import { type Found, inspectKernel, isOtherwise, resetBy, type Wish } from './kernel.ts'
import { isName, pathOf } from './spelling.ts'

const name = text({ expected: 'the name of a setting of the kernel, such as vm.swappiness', fits: isName })

/** The words that Ansible takes for true and false are 1 and 0 to the kernel. */
const WORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['true', 'yes', 'on', 'y', 't'].map((word) => [word, '1'])),
  ...Object.fromEntries(['false', 'no', 'off', 'n', 'f'].map((word) => [word, '0'])),
}
const toKernel = (given: unknown): unknown => {
  if (typeof given !== 'string' && typeof given !== 'boolean') return given
  const said = String(given).trim()
  return WORDS[said.toLowerCase()] ?? said
}
const value = named(
  z.preprocess(
    toKernel,
    text({ expected: 'a value: a number, true or false, or a text in one line', fits: /^[^\0\n]+$/ }),
  ),
  'text, number, true or false',
)

const params = z
  .strictObject({
    name: param(name, 'The setting, as sysctl(8) names it; `/` may stand for `.`.', {
      aliases: ['key'],
      example: 'vm.swappiness',
    }),
    value: param(value.optional(), 'Its value; true is 1, and false 0.', {
      aliases: ['val'],
      example: 10,
      unset: 'needed with `state: present`',
    }),
    state: param(
      choice('present', 'absent').default('present'),
      'Whether `sysctl_file` sets it. With `absent` the kernel keeps the value that it has until the host starts anew.',
    ),
    sysctl_file: param(
      hostPath().default('/etc/sysctl.conf'),
      'The file that sets it when the host starts; it is made where it is not there. Debian 13 reads /etc/sysctl.d/NAME.conf only.',
      { example: '/etc/sysctl.d/60-postgresql.conf' },
    ),
    reload: param(
      flag().default(true),
      'The kernel shall have the value too. Where it does not, or the file changes, all that the file sets is set, names with wildcards aside.',
    ),
    sysctl_set: param(
      flag().default(false),
      'With `reload: false`: the kernel shall have the value all the same, and nothing else of the file is set.',
    ),
    ignoreerrors: param(flag().default(false), 'Settings that the kernel does not have are passed over.'),
  })
  .superRefine(({ state, value }, context) => {
    if (state === 'present' && value === undefined)
      context.addIssue({ code: 'custom', message: 'expected the value', path: ['value'] })
  })
type Params = z.infer<typeof params>

interface State {
  file: EditState
  /** Of the kernel, in the order in which they are set: the task's own is the last. */
  settings: Found[]
  notes: string[]
}

/** Settings of the kernel, now and when the host starts. Ansible's ansible.posix.sysctl. */
export const sysctlModule = defineModule<Params, State>({
  name: 'sysctl',
  summary: 'Set a setting of the kernel, now and when the host starts',
  params,
  inspect,
  plan,
})

const edited = ({ sysctl_file, state }: Params) => ({
  path: sysctl_file,
  backup: false,
  create: state === 'present',
})

async function inspect(host: HostReader, params: Params): Promise<State> {
  const { name, sysctl_file, reload, sysctl_set, ignoreerrors } = params
  const wanted = params.state === 'present' ? params.value : undefined
  let old = ''
  let isWritten = false
  const file = await inspectEdit(host, edited(params), (before) => {
    if (before === undefined && wanted === undefined) return undefined
    old = before ?? ''
    const text = wanted === undefined ? withoutSetting(old, name) : withSetting(old, name, wanted)
    isWritten = text !== before
    return { text, msg: '' }
  })
  const own =
    wanted !== undefined && (reload || sysctl_set)
      ? await inspectKernel(host, [{ name, value: wanted, mayFail: ignoreerrors }])
      : []
  const others =
    reload && (isWritten || own.some(isOtherwise))
      ? othersOf(old, sysctl_file, name)
      : { wishes: [], notes: [] }
  const [settings, isRead] = await Promise.all([
    inspectKernel(
      host,
      others.wishes.map((wish) => ({ ...wish, mayFail: wish.mayFail || ignoreerrors })),
    ),
    wanted === undefined || isReadAtStart(host, sysctl_file),
  ])
  const lost = `nothing reads ${sysctl_file} when the host starts: say sysctl_file: /etc/sysctl.d/60-NAME.conf to keep the value`
  return { file, settings: [...settings, ...own], notes: [...others.notes, ...(isRead ? [] : [lost])] }
}

/** What else a file sets: of several lines for one setting the last counts. */
function othersOf(text: string, file: string, name: string): { wishes: Wish[]; notes: string[] } {
  const found = new Map<string, Wish>()
  const notes: string[] = []
  for (const [index, line] of linesOf(text).entries()) {
    const entry = entryOf(line)
    if (!entry || pathOf(entry.name) === pathOf(name)) continue
    const number = index + 1
    if (isName(entry.name)) found.set(pathOf(entry.name), { ...entry, line: { number, file } })
    else notes.push(`line ${number} of ${file}, ${entry.name}, is not set now, but when the host starts`)
  }
  return { wishes: [...found.values()], notes }
}

/** Folders of sysctl.d(5). */
const READ_AT_START = /^\/(etc|run|usr\/local\/lib|usr\/lib|lib)\/sysctl\.d\/[^/]+\.conf$/

/** Whether systemd-sysctl(8) reads a file: Debian has had a link to /etc/sysctl.conf for it, up to version 12. */
async function isReadAtStart(host: HostReader, file: string): Promise<boolean> {
  if (READ_AT_START.test(file)) return true
  const folder = '/etc/sysctl.d'
  const names = ((await host.list(folder)) ?? []).filter((one) => one.endsWith('.conf'))
  const led = await Promise.all(names.map((one) => statFollowed(host, posix.join(folder, one))))
  return led.some(({ path }) => path === file)
}

/** The kernel's settings come first: a value that it refuses is not left in the file. */
function plan({ file, settings, notes }: State, params: Params): Plan {
  const written = planEdit(file, edited(params))
  const differing = settings.filter(isOtherwise)
  return {
    changes: [
      ...differing.map(({ name, before, value }) => ({ path: `kernel ${name}`, before, after: value })),
      ...written.changes,
    ],
    steps: [
      // Not sysctl(8): that is of a package, procps, that need not be there.
      ...differing.map(({ name, path, value }) => ({
        do: 'exec' as const,
        argv: ['tee', path],
        stdin: `${value}\n`,
        title: `set ${name} to ${value}`,
      })),
      ...written.steps,
    ],
    predicts: differing.flatMap(({ path, value }) => {
      const reset = resetBy(path)
      const made = predict(fileKey(path), { content: `${value}\n` })
      return reset ? [predict(fileKey(reset), { content: '0\n' }), made] : [made]
    }),
    notes: [...notes, ...(written.notes ?? [])],
  }
}
