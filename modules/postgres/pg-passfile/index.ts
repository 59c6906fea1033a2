import * as z from 'zod'
import { textOf } from '../../../contract/bytes.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { flag, hostPath, list, secret, text } from '../../../contract/params.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { mergePassfile, showEntry } from './merge.ts'

const field = (description: string) =>
  text({ expected: 'a text of one line', fits: /^[^\n\r\0]+$/ })
    .default('*')
    .meta({ description })

const entry = z.strictObject({
  host: field("Host as the client's connection string names it; `localhost` for Unix sockets."),
  port: field('TCP port.'),
  dbname: field('Database; `replication` for physical replication.').meta({
    description: 'Database; `replication` for physical replication.',
    aliases: ['db', 'database'],
  }),
  user: field('Role.'),
  password: secret({
    expected: 'a password in quotes, without a line break',
    fits: /^[^\n\r\0]+$/,
  }).meta({ description: 'Its password.' }),
})

/** Of two passwords for one connection the first line of the file would count, and the other one never. */
function eachOnce(entries: readonly z.infer<typeof entry>[], context: z.RefinementCtx): void {
  const known = new Map<string, string>()
  for (const [index, one] of entries.entries()) {
    const shown = showEntry(one)
    const password = known.get(shown) ?? one.password
    if (password !== one.password)
      context.addIssue({
        code: 'custom',
        message: `expected one password for ${shown}, but found two`,
        path: [index],
      })
    known.set(shown, password)
  }
}

const params = z.strictObject({
  path: hostPath().meta({
    description: 'The file.',
    example: '/var/lib/postgresql/.pgpass',
    aliases: ['dest'],
  }),
  entries: list(entry)
    .superRefine(eachOnce)
    .meta({
      description: 'What it shall hold; `*` (also where a field is left out) stands for any value.',
      example: [{ host: '10.15.0.11', user: 'replicator', password: '{{ replication_password }}' }],
    }),
  owner: text()
    .default('postgres')
    .meta({ description: 'Operating-system user who may read it, alone.', example: 'postgres' }),
  group: text().optional().meta({ unset: "the owner's name", description: 'Group of the file.' }),
  exclusive: flag().default(false).meta({
    description: 'Nothing else may be in the file. Otherwise lines of other connections are kept.',
  }),
})
type Params = z.infer<typeof params>

interface State {
  text: string | null
  stat: FileStat | null
}

/** libpq ignores a passfile that others may read (libpq, 34.16). */
const MODE = '0600'

export const pgPassfileModule = defineModule<Params, State>({
  name: 'pg_passfile',
  summary: 'Keeps passwords where libpq looks for them, readable by one user alone',
  params,
  async inspect(host: HostReader, { path }): Promise<State> {
    const [content, stat] = await Promise.all([host.readFile(path), host.stat(path)])
    return { text: content && textOf(content), stat }
  },
  plan({ text, stat }, { path, entries, owner, group = owner, exclusive }): Plan {
    const wanted = mergePassfile(text ?? '', entries, exclusive)
    const changes: Change[] = []
    if (text === null) changes.push({ path, before: null, after: `${owner}:${group} ${MODE}` })
    for (const { entry, was } of wanted.entries)
      changes.push({
        path: `${path} entry ${showEntry(entry)}`,
        before: was && `(${was})`,
        after: '(the wanted password)',
      })
    for (const line of wanted.removed)
      changes.push({
        path: `${path} entry ${showEntry(line)}`,
        before: 'present',
        after: null,
        destructive: true,
      })
    if (wanted.unread > 0)
      changes.push({
        path: `${path} lines that libpq cannot read`,
        before: wanted.unread,
        after: null,
        destructive: true,
      })
    const steps: Step[] = []
    const has = stat && { owner: `${stat.owner}:${stat.group}`, mode: stat.mode }
    // Given to another user it is written anew: what stands there is not handed over by its name.
    const rewritten = text === null || wanted.text !== text || has?.owner !== `${owner}:${group}`
    if (rewritten)
      steps.push({
        do: 'write_file',
        title: path,
        path,
        content: wanted.text,
        keeps: wanted.keeps,
        owner,
        group,
        mode: MODE,
      })
    if (has && (has.owner !== `${owner}:${group}` || has.mode !== MODE)) {
      if (has.owner !== `${owner}:${group}`)
        changes.push({ path: `${path} owner`, before: has.owner, after: `${owner}:${group}` })
      if (has.mode !== MODE) changes.push({ path: `${path} mode`, before: has.mode, after: MODE })
      if (!rewritten) steps.push({ do: 'attributes', title: path, path, owner, group, mode: MODE })
    }
    return { changes, steps }
  },
})
