import * as z from 'zod'
import { param, program, text } from '../../contract/params.ts'
import { shellModule } from '../commands/shell.ts'
import { defineAlias, given } from './alias.ts'

export const rawModule = defineAlias({
  name: 'raw',
  summary: "Run a command line as it is; Ansible's name for shell without its options",
  of: shellModule,
  params: z.strictObject({
    cmd: param(text({ expected: 'a command', fits: /\S/ }), 'Text for the shell.', {
      aliases: ['_raw_params', 'free_form'],
      example: 'cat /etc/os-release',
    }),
    executable: param(program().default('/bin/sh'), 'The shell that reads it.', { example: '/bin/bash' }),
  }),
  freeForm: 'cmd',
  pairs: ['executable'],
  to: ({ cmd, executable }) => given({ cmd, executable }),
})
