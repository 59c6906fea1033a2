import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runLocally } from '../../support/local-run.ts'

export interface Case {
  name: string
  hosts?: string
  args?: string[]
  playbook: string
  unreachable?: string[]
  /** Beside the playbook. */
  files?: Record<string, string>
  /** HOST stands for how its host is reached. */
  inventory?: string
  /** Only the order on each host counts. */
  by_host?: true
  /** What is different here, and why. */
  differs?: string
}

type Word = string | null | boolean | Record<string, Record<string, number>>
interface Answer {
  name: string
  code: number
  events: Word[][]
}

/** One task as it went: its heading, then `host status item` of each result. */
type Went = [heading: string, ...results: string[]]

interface Whole {
  code: number
  went: Went[]
  recap: Record<string, Record<string, number>>
}

/** @param said what a task of debug said */
const shown = (host: string, status: string, item: string | null, ignored: boolean, said?: unknown) =>
  [
    ...[host, status, ...(item === null ? [] : [item]), ...(ignored && item === null ? ['ignored'] : [])],
    ...(said === undefined || said === null ? [] : [JSON.stringify(said)]),
  ].join(' ')

/** What Ansible said. Of a loop it tells the items and then the whole; here the items alone are told. */
function ofAnsible({ code, events }: Answer): Whole {
  const went: Went[] = []
  let recap: Whole['recap'] = {}
  const looped = new Set<string>()
  for (const [event, ...words] of events) {
    if (event === 'task' || event === 'handler') {
      went.push([`${event} ${words[0]}`])
    } else if (event === 'result') {
      const [host, task, status, item, ignored, said] = words as [
        string,
        string,
        string,
        string | null,
        boolean,
        unknown,
      ]
      const which = `${host} ${task}`
      if (item !== null) looped.add(which)
      else if (looped.delete(which)) continue
      const label = item === null ? null : labelOf(JSON.parse(item))
      went.at(-1)?.push(shown(host, status, label, ignored, said))
    } else if (event === 'recap') recap = words[0] as Whole['recap']
  }
  return {
    code,
    went,
    recap: Object.fromEntries(Object.entries(recap).map(([host, found]) => [host, counted(found)])),
  }
}

const labelOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const counted = ({
  failures = 0,
  ok,
  changed,
  unreachable,
  skipped,
  rescued,
  ignored,
}: Record<string, number>) => ({
  ...{ ok: ok!, changed: changed!, unreachable: unreachable!, failed: failures },
  ...{ skipped: skipped!, rescued: rescued!, ignored: ignored! },
})

function ofPlay({ code, events, recap }: LocalRun, says: boolean): Whole {
  const went: Went[] = []
  for (const event of events) {
    if (event.event === 'task_start')
      went.push([`${event.kind === 'facts' ? 'task' : event.kind} ${event.task}`])
    if (event.event === 'task_result') {
      const { host, status, item, ignored, module, result } = event
      const said = says && module === 'debug' ? result?.msg : undefined
      went.at(-1)?.push(shown(host, status, item, ignored === true && status === 'failed', said))
    }
  }
  const hosts = Object.entries(recap.hosts).map(([host, { failed, ...rest }]) => [
    host,
    counted({ ...rest, failures: failed }),
  ])
  return { code, went, recap: Object.fromEntries(hosts) as Whole['recap'] }
}

/** The order of hosts within a task is nobody's promise; of `meta` only its effect counts. */
function comparable({ went, ...rest }: Whole, byHost = false) {
  const tasks = went.filter(([heading]) => !/^task (.* : )?meta$/.test(heading))
  if (!byHost) return { ...rest, went: tasks.map(([heading, ...results]) => [heading, ...results.sort()]) }
  const lines = tasks.flatMap(([, ...results]) => results)
  return { ...rest, went: lines.sort((one, other) => one.split(' ')[0]!.localeCompare(other.split(' ')[0]!)) }
}

const UNREACHABLE = 'ansible_connection: ssh\nansible_host: 127.0.0.1\nansible_port: 1\n'

/** Each file below a folder, by its path from there. */
export const filesBelow = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  )

interface Replay {
  /** Beside each playbook. */
  files?: Record<string, string>
  /** What debug says is compared too. */
  says?: boolean
}

/** One test for each case: it goes as ansible-playbook had it. */
export function replay(
  cases: readonly Case[],
  answersFile: URL,
  { files: shared, says = false }: Replay = {},
): void {
  const [, version] = /answers-(.*)\.jsonl/.exec(answersFile.pathname)!
  const lines = readFileSync(answersFile, 'utf8').trim().split('\n')
  const answers = lines.map((line) => JSON.parse(line) as Answer)
  const all = answers.map(
    (answer) => [answer.name, cases.find(({ name }) => name === answer.name)!, answer] as const,
  )

  describe(`as ansible-core ${version} has it`, () => {
    it('every case has an answer', () => {
      expect(answers.map(({ name }) => name)).toEqual(cases.map(({ name }) => name))
    })

    it.each(all)('%s', async (_, one, answer) => {
      const { hosts, args, playbook, unreachable = [], by_host, differs } = one
      const away = Object.fromEntries(unreachable.map((name) => [`host_vars/${name}.yaml`, UNREACHABLE]))
      const inventory = one.inventory?.replaceAll('HOST', 'ansible_connection=local')
      const files = { ...shared, ...one.files, ...away }
      const ran = comparable(
        ofPlay(await runLocally(playbook, { hosts, args, files, inventory }), says),
        by_host,
      )
      const real = comparable(ofAnsible(answer), by_host)
      if (differs === undefined) expect(ran).toEqual(real)
      else expect(ran, differs).not.toEqual(real)
    })
  })
}
