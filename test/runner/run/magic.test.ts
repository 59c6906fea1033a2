import { expect, test } from 'vitest'
import { MAGIC, UNSAID } from '../../../runner/load/magic.ts'
import { runLocally } from '../../support/local-run.ts'

const OF_ROLES = /^role_|^ansible_(parent_role|role_name$|collection_name)/
const OF_TEMPLATES = /^template_|^ansible_managed$/

test('every magic variable of the documents is there, in both languages', async () => {
  const names = [...Object.keys(MAGIC), ...Object.keys(UNSAID)].filter(
    (name) => !OF_TEMPLATES.test(name) && !OF_ROLES.test(name) && !/^(omit|vars|pg_.*)$/.test(name),
  )
  const args = ['--limit', 'all', '-u', 'admin']
  const asked = names.map((name) => `        - "${name}{{ ' is missing' if ${name} is undefined else '' }}"`)
  const jinja = await runLocally(
    `# play: language=jinja
- hosts: all
  gather_facts: false
  tasks:
    - debug:
        msg:
${asked.join('\n')}
`,
    { args },
  )
  expect(jinja.results[0]?.result?.msg).toEqual(names)
  // A name that is not known is an error there before anything runs.
  const native = await runLocally(
    `- hosts: all
  gather_facts: false
  tasks: [{ debug: { msg: [${names.map((name) => `"{{ json ${name} }}"`).join(', ')}] } }]
`,
    { args },
  )
  expect(native.results[0]?.result?.msg).not.toContain('')
  expect(native.code).toBe(0)
})
