// Every pair of Ansible's levels of variables: each playbook sets one variable on two levels, and says which counts where a task
// of a role, in an included file, reads it.

/** What a level adds to the playbook, where its value is its own name. `alone`: levels that cannot stand beside it. */
const LEVELS = {
  'defaults of the role': { file: ['roles/r/defaults/main.yml', 'x: VALUE\n'] },
  'defaults of a role it depends on': { file: ['roles/needed/defaults/main.yml', 'x: VALUE\n'] },
  'defaults of another role of the play': { file: ['roles/other/defaults/main.yml', 'x: VALUE\n'] },
  'defaults of an included role that is public': { file: ['roles/public/defaults/main.yml', 'x: VALUE\n'] },
  'all in the inventory': { inventory: '[all:vars]\nx=VALUE\n' },
  'group_vars/all beside the inventory': { file: ['inventory/group_vars/all.yml', 'x: VALUE\n'] },
  'a group above in the inventory': { inventory: '[upper:vars]\nx=VALUE\n' },
  'a group in the inventory': { inventory: '[lower:vars]\nx=VALUE\n' },
  'group_vars of a group above': { file: ['inventory/group_vars/upper.yml', 'x: VALUE\n'] },
  'group_vars of a group': { file: ['inventory/group_vars/lower.yml', 'x: VALUE\n'] },
  'the host in the inventory': { host: 'x=VALUE' },
  host_vars: { file: ['inventory/host_vars/h1.yml', 'x: VALUE\n'] },
  'group_vars/all beside the playbook': { file: ['group_vars/all.yml', 'x: VALUE\n'] },
  'group_vars of a group beside the playbook': { file: ['group_vars/lower.yml', 'x: VALUE\n'] },
  'host_vars beside the playbook': { file: ['host_vars/h1.yml', 'x: VALUE\n'] },
  add_host: { before: '- { add_host: { name: h1, x: VALUE }, changed_when: false }' },
  facts: { before: '- setup: {}' },
  'vars of the play': { play: 'vars: { x: VALUE }' },
  vars_files: { play: 'vars_files: [more.yml]', file: ['more.yml', 'x: VALUE\n'] },
  vars_prompt: { play: 'vars_prompt: [{ name: x, default: VALUE, private: false }]' },
  'vars of the role': { file: ['roles/r/vars/main.yml', 'x: VALUE\n'] },
  'vars of a role it depends on': { file: ['roles/needed/vars/main.yml', 'x: VALUE\n'] },
  'vars of another role of the play': { file: ['roles/other/vars/main.yml', 'x: VALUE\n'] },
  'vars of an included role that is public': { file: ['roles/public/vars/main.yml', 'x: VALUE\n'] },
  'vars where the role is named': { role: 'vars: { x: VALUE }' },
  'vars of a block': { block: 'vars: { x: VALUE }' },
  'vars of the task': { task: 'vars: { x: VALUE }' },
  include_vars: { before: '- include_vars: late.yml', file: ['late.yml', 'x: VALUE\n'] },
  set_fact: { before: '- set_fact: { x: VALUE }' },
  'set_fact, cacheable': { before: '- set_fact: { x: VALUE, cacheable: true }' },
  register: { before: '- { command: echo VALUE, register: x }' },
  'parameters of the role': { role: 'x: VALUE' },
  'vars of an include': { include: 'vars: { x: VALUE }' },
  '-e': { args: ['-e', 'x=VALUE'] },
}

const indent = (text, by) => text.replace(/^(?=.)/gm, ' '.repeat(by))

/** A name that facts have too, where facts are one of the two. */
const nameOf = (names) => (names.includes('facts') ? 'ansible_os_family' : 'x')

function caseOf(names) {
  const variable = nameOf(names)
  // A value is a word without blanks, as an inventory wants it.
  const filled = (text, name) =>
    text
      .replaceAll('VALUE', name.replace(/\W+/g, '_'))
      .replace(/\bx(?=[:=])/g, variable)
      .replace(/(?<=(register|name): )x\b/, variable)
  const of = (part) => names.flatMap((name) => (LEVELS[name][part] ? [filled(LEVELS[name][part], name)] : []))
  const files = Object.fromEntries(
    names.flatMap((name) => {
      const [path, text] = LEVELS[name].file ?? []
      return path ? [[path, filled(text, name)]] : []
    }),
  )
  const also = of('play')
    .map((line) => `  ${line}\n`)
    .join('')
  const isPublic = names.some((name) => name.includes('that is public'))
  const before = [...(isPublic ? ['- include_role: { name: public, public: true }'] : []), ...of('before')]
  return {
    name: names.join(' / '),
    args: names.flatMap((name) => (LEVELS[name].args ?? []).map((word) => filled(word, name))),
    inventory: `h1 HOST ${of('host').join(' ')}\n[upper:children]\nlower\n[lower]\nh1\n${of('inventory').join('')}`,
    files: {
      'roles/r/meta/main.yml': 'dependencies: [needed]\n',
      'roles/r/tasks/main.yml': `- block:\n    - include_tasks: inner.yml\n${indent(of('include').join('\n'), 6)}\n${indent(of('block').join('\n'), 2)}\n`,
      'roles/r/tasks/inner.yml': `- debug: { msg: "{{ 'a result' if ${variable} is mapping else ${variable} }}" }\n${indent(of('task').join('\n'), 2)}\n`,
      'roles/needed/tasks/main.yml': '[]\n',
      'roles/other/tasks/main.yml': '[]\n',
      'roles/public/tasks/main.yml': '[]\n',
      ...files,
    },
    playbook: `- hosts: all
  gather_facts: false
${also}  pre_tasks:
${indent(before.join('\n'), 4)}
  roles:
    - other
    - role: r
${indent(of('role').join('\n'), 6)}
`,
  }
}

const names = Object.keys(LEVELS)
const parts = (name) => Object.keys(LEVELS[name]).filter((part) => part !== 'file')
const PLACES = ['play', 'role', 'block', 'task', 'include']
/** Two of one keyword cannot stand in one place. */
const canBoth = (one, other) =>
  !parts(one).some(
    (part) => PLACES.includes(part) && part !== 'play' && parts(other).includes(part) && !isParam(one, other),
  )
const isParam = (one, other) => [one, other].includes('parameters of the role')

export default names.flatMap((one, index) => [
  ...names.slice(index + 1).flatMap((other) => (canBoth(one, other) ? [caseOf([one, other])] : [])),
])
