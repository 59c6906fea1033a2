import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type LocalRun, runLocally } from '../../support/local-run.ts'

interface Case {
  name: string
  hosts?: string
  args?: string[]
  playbook: string
  unreachable?: string[]
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

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const cases = parse(read('cases.yaml')) as Case[]

const shown = (host: string, status: string, item: string | null, ignored: boolean) =>
  [host, status, ...(item === null ? [] : [item]), ...(ignored && item === null ? ['ignored'] : [])].join(' ')

/** What Ansible said. Of a loop it tells the items and then the whole; here the items alone are told. */
function ofAnsible({ code, events }: Answer): Whole {
  const went: Went[] = []
  let recap: Whole['recap'] = {}
  let looped = new Set<string>()
  for (const [event, ...words] of events) {
    if (event === 'task' || event === 'handler') {
      went.push([`${event} ${words[0]}`])
      looped = new Set()
    } else if (event === 'result') {
      const [host, , status, item, ignored] = words as [string, string, string, string | null, boolean]
      if (item !== null) looped.add(host)
      else if (looped.has(host)) continue
      const label = item === null ? null : labelOf(JSON.parse(item))
      went.at(-1)?.push(shown(host, status, label, ignored))
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

function ofPlay({ code, events, recap }: LocalRun): Whole {
  const went: Went[] = []
  for (const event of events) {
    if (event.event === 'task_start')
      went.push([`${event.kind === 'facts' ? 'task' : event.kind} ${event.task}`])
    if (event.event === 'task_result')
      went
        .at(-1)
        ?.push(
          shown(event.host, event.status, event.item, event.ignored === true && event.status === 'failed'),
        )
  }
  const hosts = Object.entries(recap.hosts).map(([host, { failed, ...rest }]) => [
    host,
    counted({ ...rest, failures: failed }),
  ])
  return { code, went, recap: Object.fromEntries(hosts) as Whole['recap'] }
}

/** The order of hosts within a task is nobody's promise; of `meta` only its effect counts. */
function comparable({ went, ...rest }: Whole, byHost = false) {
  const tasks = went.filter(([heading]) => heading !== 'task meta')
  if (!byHost) return { ...rest, went: tasks.map(([heading, ...results]) => [heading, ...results.sort()]) }
  const lines = tasks.flatMap(([, ...results]) => results)
  return { ...rest, went: lines.sort((one, other) => one.split(' ')[0]!.localeCompare(other.split(' ')[0]!)) }
}

const UNREACHABLE = 'ansible_connection: ssh\nansible_host: 127.0.0.1\nansible_port: 1\n'

describe.each(['2.19'])('as ansible-core %s has it', (version) => {
  const answers = read(`answers-${version}.jsonl`)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
  const all = answers.map(
    (answer) => [answer.name, cases.find(({ name }) => name === answer.name)!, answer] as const,
  )

  it('every case has an answer', () => {
    expect(answers.map(({ name }) => name)).toEqual(cases.map(({ name }) => name))
  })

  it.each(all)('%s', async (_, { hosts, args, playbook, unreachable = [], by_host, differs }, answer) => {
    const files = Object.fromEntries(unreachable.map((name) => [`host_vars/${name}.yaml`, UNREACHABLE]))
    const ran = comparable(ofPlay(await runLocally(playbook, { hosts, args, files })), by_host)
    const real = comparable(ofAnsible(answer), by_host)
    if (differs === undefined) expect(ran).toEqual(real)
    else expect(ran, differs).not.toEqual(real)
  })
})
