import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printed } from '../checks.mjs'
import { inMemory, within } from '../goals.mjs'
import { ansible } from '../peers.mjs'

const HOSTS = 10_000
const GROUPS = 500
const FILES_A_GROUP = 4

/** 10,000 hosts in 500 groups, with 2,000 files of group_vars (four for each group): who would be run on? */
export function inventoryJobs({ play, scratch }) {
  const folder = join(scratch, 'inventory-10000')
  const args = [join(folder, 'playbook.yaml'), '-i', join(folder, 'inventory'), '--list-hosts']
  const check = printed(HOSTS, /^\s+node\d+\b/)
  return [
    {
      name: 'inventory',
      number: '8',
      title: '--list-hosts of 10,000 hosts in 500 groups, 2,000 group_vars',
      prepare: () => write(folder),
      contestants: [
        { who: 'play', argv: [...play, ...args], check },
        ...ansible(args, { forks: 50, scratch, check }).filter(({ who }) => who === 'ansible'),
      ],
      goals: [within(1000), inMemory(300)],
    },
  ]
}

function write(folder) {
  const lines = ['all:', '  children:']
  for (let group = 0; group < GROUPS; group += 1) {
    lines.push(`    group${group}:`, '      hosts:')
    for (let n = group; n < HOSTS; n += GROUPS)
      lines.push(
        `        node${n}: { ansible_host: 10.${n >> 14}.${(n >> 7) & 127}.${1 + (n & 127)}, rack: r${n % 40} }`,
      )
    const vars = join(folder, `inventory/group_vars/group${group}`)
    mkdirSync(vars, { recursive: true })
    for (let file = 0; file < FILES_A_GROUP; file += 1)
      writeFileSync(
        join(vars, `vars${file}.yaml`),
        `setting_${file}: value of ${group}\nports_${file}: [80, 443]\n`,
      )
  }
  writeFileSync(join(folder, 'inventory/hosts.yaml'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'playbook.yaml'), '- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n')
}
