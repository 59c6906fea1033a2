import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { list, param, text } from '../../contract/params.ts'
import { quoteWords } from '../../contract/quote.ts'
import {
  inspectRun,
  PAIRS,
  planRun,
  type RunState,
  readsNothing,
  runParams,
  runResult,
} from './shared/run.ts'
import { splitWords } from './shared/words.ts'

const OPERATORS = ['|', '||', '&&', ';', '&', '>', '>>', '<', '2>', '2>&1']

const params = z
  .strictObject({
    cmd: param(
      text()
        .superRefine((text, context) => {
          const problem = splitProblem(text)
          if (problem) context.addIssue({ code: 'custom', message: problem, input: text })
        })
        .optional(),
      'The command, split into words as a shell does, without anything else a shell does.',
      { aliases: ['_raw_params'], example: 'uptime -p', unset: '`argv`' },
    ),
    argv: param(list(text(), { min: 1 }).optional(), 'The command as a list of words, instead of `cmd`.', {
      example: ['tar', '-xf', 'a file.tar'],
      unset: '`cmd`',
    }),
    ...runParams,
  })
  .refine((value) => (value.cmd === undefined) !== (value.argv === undefined), {
    error: "one of 'cmd' and 'argv' is needed, not both",
    path: ['cmd'],
  })
type Params = z.infer<typeof params>

/** Runs a program, without a shell. Ansible's `command`. */
export const commandModule = defineModule<Params, RunState>({
  name: 'command',
  summary: 'Run a program with its arguments; no shell reads them',
  params,
  freeForm: 'cmd',
  pairs: PAIRS,
  readsNothing,
  inspect: inspectRun,
  plan(state, params) {
    const argv = wordsOf(params)
    const plan = planRun(state, params, argv, quoteWords(argv))
    const operator = params.argv ? undefined : argv.find((word) => OPERATORS.includes(word))
    if (operator === undefined || plan.steps.length === 0) return plan
    return {
      ...plan,
      notes: [`'${operator}' reaches ${argv[0]} as a plain word; the shell module is what reads it`],
    }
  },
  result: ({ state, params, outputs }) => runResult(state, params, wordsOf(params), outputs),
})

const wordsOf = (params: Params): string[] => params.argv ?? splitWords(params.cmd ?? '')

function splitProblem(text: string): string | undefined {
  try {
    return splitWords(text).length === 0 ? 'expected a command, found nothing' : undefined
  } catch (error) {
    return (error as Error).message
  }
}
