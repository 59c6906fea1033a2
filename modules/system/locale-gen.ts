import * as z from 'zod'
import { textOf } from '../../contract/bytes.ts'
import { withoutEnd } from '../../contract/ends.ts'
import { Refusal } from '../../contract/errors.ts'
import { defineFact, predict } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, list, param, text } from '../../contract/params.ts'
import type { Change, Plan, Step } from '../../contract/plan.ts'
import { plannedPackages } from '../files/shared/inspect.ts'

const params = z.strictObject({
  name: param(
    list(text({ expected: 'the name of a locale, such as en_GB.UTF-8', fits: /^[\w.@-]+$/ }), { min: 1 }),
    'The locales.',
    { example: 'en_GB.UTF-8' },
  ),
  state: param(choice('present', 'absent').default('present'), 'Whether they shall be generated.'),
})
type Params = z.infer<typeof params>

/** As `locale -a` has them, in one spelling. */
const localesKey = defineFact<string[], []>('locales')
const LIST = '/etc/locale.gen'
const SUPPORTED = '/usr/share/i18n/SUPPORTED'

interface State {
  generated: string[]
  /** undefined: the package locales, which brings it, is only planned. */
  list?: string
  /** Lines of the list as the package has them, by their names. */
  known: Map<string, string>
}

/** Locales of Debian: what is to be generated stands in /etc/locale.gen (locale.gen(5)). */
export const localeGenModule = defineModule<Params, State>({
  name: 'locale_gen',
  summary: 'Have locales generated, or not any more',
  reads: [{ program: 'locale', first: ['-a'] }],
  freeForm: 'name',
  params,
  inspect,
  plan,
})

async function inspect(host: HostReader, { name, state }: Params): Promise<State> {
  const [generated, found, supported] = await Promise.all([
    host.fact(localesKey(), async () => {
      const { stdout } = await host.read(['locale', '-a'])
      return stdout.split('\n').filter(Boolean).map(spelled)
    }),
    host.readFile(LIST),
    host.readFile(SUPPORTED),
  ])
  const list = found ? textOf(found) : undefined
  const missing = name.filter((one) => !generated.includes(spelled(one)))
  const known = new Map([...entries(supported?.toString() ?? ''), ...entries(list ?? '')])
  if (state === 'absent' || missing.length === 0) return { generated, list, known }
  if (found === null && !plannedPackages(host).includes('locales'))
    throw new Refusal(
      `there is no ${LIST} on ${host.name}`,
      'Install the package first: `apt: { name: locales }`.',
    )
  const strange = missing.filter((one) => known.size > 0 && !known.has(one))
  if (strange.length > 0)
    throw new Refusal(`there is no locale ${strange.join(', ')}`, `${SUPPORTED} on the host has their names.`)
  return { generated, list, known }
}

/** `en_GB.UTF-8` → `en_GB.UTF-8 UTF-8`, of lines that are commented out too. */
const entries = (text: string): [name: string, line: string][] =>
  text.split('\n').flatMap((line): [string, string][] => {
    const [, name, charset] = /^(?:#\s*)?(\S+)\s+(\S+)$/.exec(line.trim()) ?? []
    return name === undefined ? [] : [[name, `${name} ${charset}`]]
  })

/** The C library spells the character set either way. */
const spelled = (name: string): string =>
  name.replace(/\.([^@]*)/, (_, charset: string) => `.${charset.toLowerCase().replaceAll('-', '')}`)

function plan({ generated, list, known }: State, { name, state }: Params): Plan {
  const wanted = state === 'present'
  const differing = [...new Set(name)].filter((one) => generated.includes(spelled(one)) !== wanted)
  // C, POSIX and C.UTF-8 are the library's own.
  const others = differing.filter((one) => wanted || !/^(C|POSIX)(\.|$)/.test(one))
  if (others.length === 0) return { changes: [], steps: [] }
  const changes: Change[] = others.map((one) => ({
    path: `locale ${one}`,
    before: wanted ? null : 'generated',
    after: wanted ? 'generated' : null,
    ...(wanted ? {} : { destructive: true }),
  }))
  const lines = others.map((one) => known.get(one) ?? `${one} ${one.split('.')[1] ?? 'UTF-8'}`)
  const after = wanted
    ? [...generated, ...others.map(spelled)]
    : generated.filter((one) => !others.map(spelled).includes(one))
  return {
    changes,
    steps: [
      ...written(list, lines, wanted),
      { do: 'exec', argv: ['locale-gen'], title: 'locale-gen', env: { LC_ALL: 'C.UTF-8' } },
    ],
    predicts: [predict(localesKey(), after)],
  }
}

/** Each line once, with or without the mark of a comment before it. */
function written(list: string | undefined, lines: readonly string[], wanted: boolean): Step[] {
  // The package's own list, which nobody can read yet, has every line as a comment.
  if (list === undefined)
    return [
      {
        do: 'exec',
        argv: ['sh', '-c', `printf '%s\\n' "$@" >> ${LIST}`, 'play', ...lines],
        title: `a line of ${LIST}`,
      },
    ]
  const left = new Set(lines)
  const changed = list.split('\n').flatMap((line) => {
    const [entry] = entries(line)
    if (!entry || !lines.includes(entry[1])) return [line]
    if (!left.delete(entry[1]) && wanted) return []
    return [wanted ? entry[1] : `# ${entry[1]}`]
  })
  const end = wanted ? [...left] : []
  const text =
    end.length > 0 ? `${withoutEnd(changed.join('\n'), /\n/)}\n${end.join('\n')}\n` : changed.join('\n')
  return text === list ? [] : [{ do: 'write_file', path: LIST, content: text, keeps: true }]
}
