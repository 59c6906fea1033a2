import { hostname, userInfo } from 'node:os'
import { afterEach, expect, it, vi } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

afterEach(() => vi.unstubAllEnvs())

const PAGE =
  '{{ ansible_managed }} {{ template_path }} {{ template_host }} {{ template_uid }} {{ template_destpath }}\n'
const play = (more = '') => `# play: language=jinja
- hosts: all
  gather_facts: false${more}
  tasks:
    - template: { src: page.j2, dest: '{{ dir }}/page' }
    - command: cat '{{ dir }}/page'
      register: page
    - debug: { msg: "{{ lookup('template', 'short.j2') }}" }
`
const files = { 'page.j2': PAGE, 'short.j2': '{{ ansible_managed }} {{ template_fullpath | basename }}' }
const said = async (playbook: string, more: Record<string, string> = {}) => {
  const { code, results } = await runLocally(playbook, { files: { ...files, ...more } })
  expect(code).toBe(0)
  return results.map(({ result }) => result?.stdout ?? result?.msg)
}

it('a template knows of itself, and who manages its file', async () => {
  const [, page, short] = await said(play())
  const known = `page.j2 ${hostname()} ${userInfo().username}`
  expect(page).toMatch(new RegExp(`^Ansible managed ${known} /.*/page$`))
  expect(short).toBe('Ansible managed short.j2')
})

it('a variable of that name counts', async () => {
  const [, page] = await said(play('\n  vars: { ansible_managed: Mine }'))
  expect(page).toMatch(/^Mine page\.j2 /)
})

it('so does what is configured, with the time of the change', async () => {
  vi.stubEnv('PLAY_ANSIBLE_MANAGED', '{file} by {uid} in %Y')
  const [, page] = await said(play())
  expect(page).toMatch(new RegExp(`^page\\.j2 by ${userInfo().username} in \\d{4} page\\.j2 `))
})

it('now() is a time that can be written, counted with and compared', async () => {
  const { results } = await runLocally(`# play: language=jinja
- hosts: all
  gather_facts: false
  vars: { then: '2024-01-02 03:04:05' }
  tasks:
    - debug: { msg: "{{ now().strftime('%Y') == now(fmt='%Y') and now() > then | to_datetime and (now(utc=true) - (then | to_datetime)).days > 600 }}" }
    - debug: { msg: "{% set past = then | to_datetime %}{{ past.isoformat() }} {{ past.weekday() }} {{ past.isoweekday() }} {{ past.strftime('%j %d.%m.%y') }}" }
`)
  expect(results.map(({ result }) => result?.msg)).toEqual([true, '2024-01-02T03:04:05 1 2 002 02.01.24'])
})
