import { createHash } from 'node:crypto'
import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { param, text } from '../../contract/params.ts'
import type { Step } from '../../contract/plan.ts'
import { inspectRun, planRun, type RunState, runParams, runResult } from './shared/run.ts'
import { splitWords } from './shared/words.ts'

const { creates, removes, chdir } = runParams

const params = z.strictObject({
  cmd: param(
    text({ expected: 'the path of a script', fits: /\S/ }),
    'A script of this machine, and its arguments.',
    {
      aliases: ['_raw_params', 'free_form'],
      example: 'prepare.sh --fast',
    },
  ),
  ...{ creates, removes, chdir },
  executable: param(text().optional(), 'The program that reads it.', {
    example: '/usr/bin/python3',
    unset: "the script's first line says it",
  }),
})
type Params = z.infer<typeof params>

interface State extends RunState {
  content: Buffer
}

const OPTIONS = { stdin_add_newline: true, strip_empty_ends: true }

/** Runs a script of this machine on the host. Ansible's `script`. */
export const scriptModule = defineModule<Params, State>({
  name: 'script',
  summary: 'Copy a script of this machine to the host, run it, and remove it',
  params,
  freeForm: 'cmd',
  pairs: ['creates', 'removes', 'chdir', 'executable'],
  async inspect(host, given) {
    const [file = ''] = splitWords(given.cmd)
    const { content } = await host.controller.file(file)
    return { ...(await inspectRun(host, { ...given, ...OPTIONS })), content }
  },
  plan(state, given) {
    const [, ...args] = splitWords(given.cmd)
    const path = `/tmp/play-script-${createHash('sha256').update(state.content).digest('hex').slice(0, 24)}`
    const argv = [...(given.executable === undefined ? [] : splitWords(given.executable)), path, ...args]
    const plan = planRun(state, { ...given, ...OPTIONS }, argv, given.cmd)
    if (plan.steps.length === 0) return plan
    const before: Step = {
      do: 'write_file',
      path,
      content: state.content,
      mode: '0700',
      title: 'copy the script',
    }
    return { ...plan, steps: [before, ...plan.steps, { do: 'remove', path }] }
  },
  result: ({ state, params: given, outputs }) =>
    runResult(state, { ...given, ...OPTIONS }, given.cmd, outputs && [outputs[1]!]),
})
