import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { IncludedVariables } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { flag, integer, list, nonEmpty, param, text } from '../../contract/params.ts'

const params = z.strictObject({
  file: param(
    nonEmpty().optional(),
    'A file of variables, looked for in `vars/` of the role and of the playbook.',
    {
      example: 'Debian.yml',
      unset: '`dir`',
    },
  ),
  dir: param(nonEmpty().optional(), 'A folder instead: its files in the order of their names.', {
    unset: '`file`',
  }),
  name: param(nonEmpty().optional(), 'A variable that holds them all, instead of one variable for each.', {
    unset: 'none',
  }),
  depth: param(integer(0).default(0), 'Of `dir`: how many folders deep; 0: all of them.'),
  files_matching: param(text().optional(), 'Of `dir`: only files whose name this regular expression finds.', {
    unset: 'all',
  }),
  ignore_files: param(list(text()).default([]), 'Of `dir`: names that are left out.'),
  extensions: param(
    list(text()).default(['yaml', 'yml', 'json']),
    'Of `dir`: the ends of the names that count.',
  ),
  ignore_unknown_extensions: param(
    flag().default(false),
    'Of `dir`: other files are left out, and no error.',
  ),
  hash_behaviour: param(
    z.enum(['replace', 'merge']).default('replace'),
    'What a mapping of one name is to one that is there.',
  ),
})
type Params = z.infer<typeof params>

/** Variables of files, from the task on. Ansible's `include_vars`. */
export const includeVarsModule = defineModule<Params, IncludedVariables>({
  name: 'include_vars',
  summary: 'Read variables of the host from files of this machine, for the rest of the run',
  freeForm: 'file',
  changesNothing: () => true,
  bringsVariables: true,
  params,
  async inspect(host, params) {
    if ((params.file === undefined) === (params.dir === undefined))
      throw new Refusal('include_vars reads a file or a folder', 'Give one of file and dir.')
    if (params.hash_behaviour === 'merge')
      throw new Refusal(
        'include_vars does not merge mappings',
        'Take hash_behaviour away, and use combine() in a variable.',
      )
    return host.controller.variables(params)
  },
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state }) => ({ ansible_facts: state.variables, ansible_included_var_files: state.files }),
})
