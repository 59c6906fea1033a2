import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { param, program, text } from '../../contract/params.ts'
import {
  inspectRun,
  PAIRS,
  planRun,
  type RunState,
  readsNothing,
  runParams,
  runResult,
} from './shared/run.ts'

const params = z.strictObject({
  cmd: param(text({ expected: 'a command', fits: /\S/ }), 'Text for the shell.', {
    aliases: ['_raw_params'],
    example: 'ls /etc | wc -l',
  }),
  executable: param(program().default('/bin/sh'), 'The shell that reads it.', { example: '/bin/bash' }),
  ...runParams,
})
type Params = z.infer<typeof params>

/** Runs text in a shell, with pipes, variables and all. Ansible's `shell`. */
export const shellModule = defineModule<Params, RunState>({
  name: 'shell',
  summary: 'Run a command line in a shell',
  params,
  freeForm: 'cmd',
  pairs: PAIRS,
  readsNothing,
  inspect: inspectRun,
  plan: (state, params) => planRun(state, params, [params.executable, '-c', params.cmd], params.cmd),
  result: ({ state, params, outputs }) => runResult(state, params, params.cmd, outputs),
})
