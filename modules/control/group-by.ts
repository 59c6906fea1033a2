import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { list, param, text } from '../../contract/params.ts'

/** As an inventory's files have it: without what a host pattern gives a meaning to (Ansible makes `-` of blanks). */
export const groupName = () =>
  text({
    expected: 'the name of a group: without blanks at its ends, commas, colons, !, & and brackets',
    fits: /^[^\s:,!&*?~()[\]{}<>|'"`$\\/#;=@]+(?: +[^\s:,!&*?~()[\]{}<>|'"`$\\/#;=@]+)*$/,
    takes: 'name',
  })

export const inOneWord = (name: string): string => name.replaceAll(' ', '-')

const params = z.strictObject({
  key: param(groupName(), 'The group that the host is in from now on. Blanks become `-`.', {
    example: 'os_{{ ansible_facts.distribution }}',
  }),
  parents: param(list(groupName()).default(['all']), 'Groups above that group.'),
})
type Params = z.infer<typeof params>

/** Puts each host into a group of its own words, for the plays behind. Ansible's `group_by`. */
export const groupByModule = defineModule<Params, null>({
  name: 'group_by',
  summary: 'Put the host into a group, for the plays behind',
  changesNothing: () => true,
  params,
  inspect: async () => null,
  plan: () => ({ changes: [], steps: [] }),
  result: ({ params: { key, parents } }) => ({
    add_group: inOneWord(key),
    parent_groups: parents.map(inOneWord),
  }),
  additions: ({ key, parents }, host) => [
    { host, groups: [inOneWord(key)], parents: parents.map(inOneWord) },
  ],
})
