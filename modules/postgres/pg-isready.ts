import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, nonEmpty, port, text } from '../../contract/params.ts'
import { clusterKey } from '../../postgres/cluster/key.ts'

const ANSWERS = ['accepting', 'rejecting', 'no response'] as const
export type Answer = (typeof ANSWERS)[number]

const params = z.strictObject({
  version: text().meta({
    description: 'Major version of the PostgreSQL programs on this host.',
    example: '15',
    aliases: ['pg_version'],
  }),
  cluster: text()
    .default('main')
    .meta({ description: 'Name of the cluster that is asked.', example: 'main', aliases: ['pg_cluster'] }),
  host: nonEmpty().meta({ description: 'Name or address of the server.', example: 'vm3' }),
  port: port().default(5432).meta({ description: 'Its TCP port.' }),
  expect: choice(...ANSWERS)
    .optional()
    .meta({
      unset: 'any answer',
      description:
        'The answer that there must be; the task fails with another. `rejecting` is a server that starts or stops.',
      example: 'no response',
    }),
  hint: text().optional().meta({ unset: 'none', description: 'What to do where the answer is another.' }),
})
type Params = z.infer<typeof params>

export const pgIsreadyModule = defineModule<Params, Answer>({
  name: 'pg_isready',
  summary: 'Asks, from this host, whether a server accepts connections; changes nothing',
  reads: [{ program: /^\/usr\/lib\/postgresql\/\d+\/bin\/pg_isready$/ }],
  changesNothing: () => true,
  params,
  inspect: (host, given) => isReady(host, given),
  plan(answer, { host, port, expect, hint }) {
    if (expect !== undefined && answer !== expect)
      throw new Refusal(`${host}:${port} answers "${answer}"; it should be "${expect}"`, hint)
    return { changes: [], steps: [] }
  },
  result: ({ state }) => ({ answer: state }),
})

/** pg_isready(1): 0 accepting, 1 rejecting, 2 no response. Reads through a planned stop or start. */
export async function isReady(
  host: HostReader,
  server: { version: string; cluster: string; host: string; port: number },
): Promise<Answer> {
  const planned = host.predictedOn(server.host, clusterKey(server.version, server.cluster))
  if (planned) return planned.running ? 'accepting' : 'no response'
  const program = `/usr/lib/postgresql/${server.version}/bin/pg_isready`
  const argv = [program, '-t', '5', '-h', server.host, '-p', String(server.port)]
  const { code, stderr } = await host.read(argv, { env: { LC_ALL: 'C' } })
  if (code > 2) throw new Refusal(`pg_isready could not ask ${server.host}:${server.port}: ${stderr.trim()}`)
  return ANSWERS[code]!
}
