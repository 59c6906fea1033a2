import type { ModuleNames } from './new-module.ts'

/** A module that works: it keeps a file with one line. */
export const moduleSource = ({ name, constant }: ModuleNames): string => `import * as z from 'zod'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { hostPath, param, text } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'

// What a task may say. docs/modules.md is made of this: npm run docs
const params = z.strictObject({
  path: param(hostPath(), 'The file to have.', { example: '/etc/example' }),
  line: param(text(), 'The one line in it.'),
})
type Params = z.infer<typeof params>

/** What was found on the host. */
interface State {
  content: string | null
}

export const ${constant} = defineModule<Params, State>({
  name: '${name}',
  summary: 'Keep a file with one line',
  params,
  inspect,
  plan,
})

/** Reads, never writes. Through \`host\` alone, so that check mode can answer from what is planned. */
async function inspect(host: HostReader, { path }: Params): Promise<State> {
  const content = await host.readFile(path)
  return { content: content?.toString() ?? null }
}

/** Pure: state and wish in, changes and steps out. No changes, no steps. */
function plan({ content }: State, { path, line }: Params): Plan {
  const wanted = \`\${line}\\n\`
  if (content === wanted) return { changes: [], steps: [] }
  return {
    changes: [{ path, before: content, after: wanted }],
    steps: [{ do: 'write_file', path, content: wanted, title: \`write \${path}\` }],
    // A file that a step writes is predicted by the step. What an \`exec\` or \`sql\` does, \`predicts\` says.
  }
}
`

/** Its tests, which pass. */
export const testSource = ({ constant, source }: ModuleNames): string => `import { expect, it } from 'vitest'
import { ${constant} as module } from '../../../${source}'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

async function planned(args: unknown, options: FakeHostOptions) {
  const params = module.params.parse(args)
  return module.plan(await module.inspect(fakeHost(options), params), params)
}

const WISH = { path: '/etc/example', line: 'here' }

it('plans nothing where all is as wished', async () => {
  expect(await planned(WISH, { files: { '/etc/example': 'here\\n' } })).toEqual({ changes: [], steps: [] })
})

it('says what would change', async () => {
  const { changes } = await planned(WISH, { files: { '/etc/example': 'there\\n' } })
  expect(changes).toEqual([{ path: '/etc/example', before: 'there\\n', after: 'here\\n' }])
})

it('has nothing left to do after its own plan', async () => {
  const first = await planned(WISH, {})
  expect(first.steps).toHaveLength(1)
  expect(await planned(WISH, { plans: [first] })).toEqual({ changes: [], steps: [] })
})
`
