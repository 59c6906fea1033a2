import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { anything, nonEmpty, param } from '../../contract/params.ts'
import { textList } from '../../contract/text-list.ts'
import { groupName, inOneWord } from './group-by.ts'

/** `a,b` is a list of two here. */
const groups = z.preprocess(
  (value) => {
    return typeof value === 'string' ? textList(value) : value
  },
  z.array(groupName(), { error: 'expected a list of groups' }),
)

const params = z
  .object({
    name: param(
      nonEmpty('the name of a host'),
      'The host, with or without a port; it need not be known. Any other argument is a variable of the host.',
      {
        aliases: ['host', 'hostname'],
        example: 'db4',
      },
    ),
    groups: param(groups.default([]), 'Groups that it is in from now on, as a list or with commas.', {
      aliases: ['group', 'groupname'],
      example: ['pg_standbys'],
    }),
  })
  // Anything else is a variable of the host.
  .catchall(anything())
type Params = z.infer<typeof params>

/** `db4`, `db4:2222`, `[fe80::1]:2222`; what has more than one colon is an address. */
function hostAndPort(name: string): { host: string; port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(name) ?? []
  const host = bracketed ?? plain
  return host === undefined ? { host: name } : { host, port: Number(port) }
}

/** Adds a host, or groups and variables to one that is there, for the plays behind. Ansible's `add_host`. */
export const addHostModule = defineModule<Params, null>({
  name: 'add_host',
  summary: 'Add a host to the inventory, or groups and variables to one that is there, for the plays behind',
  changesNothing: () => true,
  oncePerPlay: true,
  setsVariables: true,
  params,
  inspect: async () => null,
  plan: () => ({ changes: [], steps: [] }),
  result: ({ params }) => {
    const { host, groups: named, vars } = added(params)
    return { add_host: { host_name: host, groups: named, host_vars: vars } }
  },
  additions: (params) => [added(params)],
})

function added({ name, groups: named, ...vars }: Params) {
  const { host, port } = hostAndPort(name)
  return {
    host,
    groups: named.map(inOneWord),
    vars: port === undefined ? vars : { ansible_port: port, ...vars },
  }
}
