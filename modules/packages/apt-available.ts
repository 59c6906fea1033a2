import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { nonEmpty, param, texts } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'
import { packageKey } from '../../contract/shared-facts.ts'
import { UnknownError } from '../../contract/unknown.ts'
import { listsFetchedKey, plannedSourcesKey } from './shared/predictions.ts'
import { PACKAGE_WORD } from './shared/simulate.ts'

const params = z.strictObject({
  name: param(texts(), 'Packages, as their names alone.', {
    aliases: ['pkg', 'package'],
    example: ['postgresql-16', 'postgresql-client-16'],
  }).refine((list) => list.every((one) => PACKAGE_WORD.test(one)), 'expected names of packages'),
  similar: param(
    nonEmpty().optional(),
    'A regular expression of package names: where one is missing, the error lists those that there are.',
    { example: '^postgresql-[0-9]+$', unset: 'no names are listed' },
  ),
})
type Params = z.infer<typeof params>

interface Offer {
  version: string
  /** `http://… bookworm-pgdg/main` */
  sources: string[]
}
interface State {
  offers: Record<string, Offer>
}

/** Whether packages could be installed, by the package lists that the host has. Changes nothing. */
export const aptAvailableModule = defineModule<Params, State>({
  name: 'apt_available',
  summary: 'Fail unless the package sources offer these packages, and say which do',
  reads: [{ program: 'apt-cache', first: ['policy', 'search'] }],
  changesNothing: () => true,
  params,
  freeForm: 'name',
  inspect,
  plan: (): Plan => ({ changes: [], steps: [] }),
  result: ({ state }) => ({ packages: state.offers }),
})

const apt = async (host: HostReader, ...words: string[]): Promise<string> =>
  (await host.read(['apt-cache', ...words], { env: { LC_ALL: 'C' } })).stdout

async function inspect(host: HostReader, { name: names, similar }: Params): Promise<State> {
  const offers = parsePolicy(await apt(host, 'policy', ...names))
  for (const name of names) {
    const planned = host.predicted(packageKey(name))
    if (planned?.version) offers[name] ??= { version: planned.version, sources: [] }
  }
  const missing = names.filter((name) => !offers[name])
  if (missing.length === 0) return { offers }
  if (host.predicted(plannedSourcesKey()) || host.predicted(listsFetchedKey()))
    throw new UnknownError(
      `the package lists that may hold ${missing.join(', ')} are only planned to be fetched`,
    )
  const [sources, others] = await Promise.all([
    apt(host, 'policy'),
    similar === undefined ? '' : apt(host, 'search', '--names-only', similar),
  ])
  throw new Refusal(
    `no package source of ${host.name} offers ${missing.join(', ')}`,
    'Add a repository that has it with apt_repo, or ask for what is offered. If the lists are old, fetch them: apt_install: { update_cache: true }.',
    [
      ...listed('looked in', sourcesOf(sources)),
      ...(similar === undefined
        ? []
        : listed('offered there', [...others.matchAll(/^(\S+) - /gm)].map(([, one]) => one!).sort())),
    ],
  )
}

const listed = (what: string, lines: string[]): string[] =>
  lines.length === 0 ? [`${what}: nothing`] : lines.map((line) => `${what}: ${line}`)

/** The candidates in the output of `apt-cache policy NAME…`; those that there are not are left out. */
export function parsePolicy(text: string): Record<string, Offer> {
  const found: Record<string, Offer> = {}
  for (const part of text.split(/^(?=\S+:$)/m)) {
    const name = /^(\S+):$/m.exec(part)?.[1]
    const version = /^ {2}Candidate: (.+)$/m.exec(part)?.[1]
    if (name === undefined || version === undefined || version === '(none)') continue
    const table = part.split('\n')
    const at = table.findIndex(
      (line) => /^ (\*\*\*| {3}) /.test(line) && line.slice(5).split(' ')[0] === version,
    )
    const sources: string[] = []
    for (const line of table.slice(at + 1)) {
      const [, source] = /^ {6,}-?\d+ (\S+ \S+) \S+ Packages$/.exec(line) ?? []
      if (source) sources.push(source)
      else if (!/^ {6,}-?\d+ /.test(line)) break
    }
    found[name] = { version, sources }
  }
  return found
}

const sourcesOf = (text: string): string[] => [
  ...new Set([...text.matchAll(/^ *-?\d+ (\S+ \S+) \S+ Packages$/gm)].map(([, one]) => one!)),
]
