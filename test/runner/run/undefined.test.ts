import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

it.each([
  ['{{ pg_vrsion }}', 'did you mean pg_version?', '5:25'],
  ['{{ of_other }}', "another host has it: hostvars['h2'].of_other", '5:25'],
  ['{{ ansible_kernel }}', 'facts are there once a play gathers them', '5:25'],
  ['{{ conf.prt }}', 'did you mean port?', '5:25'],
])(
  '%s is undefined: the error says where it may come from, with its line and carets',
  async (text, hint, at) => {
    const { results } = await runLocally(
      `# play: language=jinja\n- hosts: h1\n  gather_facts: false\n  tasks:\n    - debug: { msg: '${text}' }\n`,
      {
        hosts: 'h1 h2',
        files: {
          'group_vars/all.yaml': 'pg_version: 15\nconf: { port: 1 }\n',
          'host_vars/h2.yaml': 'of_other: 1\n',
        },
      },
    )
    expect(results[0]?.error).toMatchObject({
      code: 'variable',
      hint: expect.stringContaining(hint),
      at: expect.stringContaining(at),
      excerpt: [expect.stringContaining(text), expect.stringMatching(/^ +\| +\^+$/)],
    })
  },
)

it('within a template that another one includes, it is the line of that one', async () => {
  const { results } = await runLocally(
    '# play: language=jinja\n- hosts: h1\n  gather_facts: false\n  tasks:\n    - template: { src: a.j2, dest: /nowhere/out }\n',
    {
      files: {
        'templates/a.j2': 'one\n{% include "b.j2" %}\n',
        'templates/b.j2': 'one\n  two {{ missing_here }}\n',
      },
    },
  )
  expect(results[0]?.error).toMatchObject({
    at: expect.stringMatching(/templates\/b\.j2:2:\d+$/),
    excerpt: ['2 |   two {{ missing_here }}', expect.stringMatching(/^ +\| +\^{12}$/)],
  })
})
