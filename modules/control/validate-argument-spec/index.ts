import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { defineModule } from '../../../contract/module.ts'
import { anything, flag, list, mapping, named, param, text } from '../../../contract/params.ts'
import { type Options, type Problem, problemsOf, told } from './problems.ts'
import { TYPES } from './types.ts'

const names = () => list(z.union([z.string(), z.array(z.string())])).optional()

const option: z.ZodType = z.looseObject({
  type: z.enum(TYPES).optional(),
  elements: z.enum(TYPES).optional(),
  required: flag().optional(),
  no_log: flag().optional(),
  apply_defaults: flag().optional(),
  choices: z.array(anything(), { error: 'expected a list' }).optional(),
  aliases: list(text()).optional(),
  mutually_exclusive: names(),
  required_together: names(),
  required_one_of: names(),
  required_if: z.array(z.array(anything())).optional(),
  required_by: mapping(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  get options() {
    return mapping(z.string(), option).optional()
  },
})

const params = z.strictObject({
  argument_spec: param(
    named(mapping(z.string(), option), 'a specification of arguments'),
    'The arguments by their names, each with type, elements, required, choices, options …',
    { example: { pg_port: { type: 'int', required: true } } },
  ),
  provided_arguments: param(
    mapping(z.string(), anything()).default({}),
    'Arguments, above the variables of their names.',
  ),
  validate_args_context: param(
    mapping(z.string(), anything()).default({}),
    'What it is about; told with the result.',
  ),
})
type Params = z.infer<typeof params>

/** Fails where variables are not what a specification says of them. Ansible's `validate_argument_spec`. */
export const validateArgumentSpecModule = defineModule<Params, Problem[]>({
  name: 'validate_argument_spec',
  summary: 'Fail unless variables are as a specification of arguments says',
  changesNothing: () => true,
  params,
  async inspect(host, params) {
    const options = params.argument_spec as Options
    const found: Record<string, unknown> = {}
    for (const name of Object.keys(options)) {
      const variable = await host.controller.variable(name)
      if (variable) found[name] = variable.value
    }
    return problemsOf(options, { ...found, ...params.provided_arguments })
  },
  plan(problems) {
    if (problems.length === 0) return { changes: [], steps: [] }
    const [first, ...rest] = problems.map(told)
    throw new Refusal(`arguments are not as their specification says: ${first}`, undefined, rest)
  },
  result: ({ params }) => ({
    msg: 'The arguments are as their specification says',
    validate_args_context: params.validate_args_context,
  }),
})
