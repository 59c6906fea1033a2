import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry, Located } from '../../types.ts'
import { isMapping, readYaml, within } from '../../yaml.ts'
import { type Context, inFile, type Mapping, shownPath } from '../context.ts'
import { describe } from '../describe.ts'
import { readTask } from '../task.ts'
import type { Asked } from './read-role.ts'

const MODULE = 'ansible.builtin.validate_argument_spec'

/**
 * The task that checks a role's arguments before its own tasks, where the role says what they are (Ansible, Role argument
 * validation): meta/argument_specs.yml, else what meta/main.yml has under argument_specs.
 * @param meta meta/main.yml
 */
export function argumentCheck(
  { name, from, params }: Asked,
  meta: Located | undefined,
  context: Context,
): Entry[] {
  const { path } = context.role!
  const specs = specsOf(path, meta, context)
  const entrypoint = from.tasks?.text ?? 'main'
  if (!specs || !isMapping(specs.value) || !isMapping(specs.value[entrypoint])) return []
  const spec = within<Mapping>(specs, entrypoint)
  const { short_description } = spec.value
  const given = params.find(({ at }) => at)
  const value = {
    name: `Validating arguments against arg spec '${entrypoint}'${short_description ? ` - ${short_description}` : ''}`,
    [MODULE]: {
      argument_spec: spec.value.options ?? {},
      provided_arguments: Object.assign({}, ...params.map(({ vars }) => vars)) as Mapping,
      validate_args_context: { type: 'role', name, argument_spec_name: entrypoint, path },
    },
    tags: ['always'],
  }
  const below = inFile(spec.locate().file, context)
  const at: Located<Mapping> = {
    value,
    locate: (place = []) => placeOf(place, (rest) => spec.locate(rest), given?.at),
    locateKey: (place) => placeOf(place, (rest) => spec.locateKey(rest), given?.at),
  }
  return [{ ...readTask(at, below), role: context.role }]
}

/** What is given stands where the role is named, all else in the specification. */
function placeOf(
  [, part, ...rest]: readonly (string | number)[],
  inSpec: (path: readonly (string | number)[]) => ReturnType<Located['locate']>,
  given: Located | undefined,
) {
  if (part === 'provided_arguments' && given) return given.locate(rest)
  return inSpec(part === 'argument_spec' ? ['options', ...rest] : [])
}

function specsOf(role: string, meta: Located | undefined, { diagnostics }: Context): Located | undefined {
  const file = ['.yml', '.yaml', '.json']
    .map((end) => join(role, 'meta', `argument_specs${end}`))
    .find((path) => existsSync(path))
  const located = file === undefined ? meta : diagnostics.collect(() => readYaml(shownPath(file)))
  if (!located || !isMapping(located.value) || !located.value.argument_specs) return undefined
  const specs = within(located, 'argument_specs')
  if (isMapping(specs.value)) return specs
  diagnostics.add('playbook', `argument_specs wants a mapping, but found ${describe(specs.value)}`, {
    pos: specs.locate(),
    hint: 'write main: with options: under it',
  })
  return undefined
}
