import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recap } from '../checks.mjs'
import { atMost } from '../goals.mjs'
import { must } from '../measure.mjs'

/** The same playbooks in both languages, by play alone: what somebody pays who comes from Ansible and rewrites nothing. */
export const jinjaJobs = (bench) => [site(bench), template(bench)]

const inBoth = (contestant) =>
  ['jinja', 'native'].map((language) => ({ who: `play-${language}`, ...contestant(language) }))

function site({ play, lab, root }) {
  const folder = { native: 'playbooks', jinja: 'bench/site/jinja' }
  const argv = (language) => [...play, join(folder[language], 'site.yaml'), '-i', lab.inventory]
  return {
    name: 'site-jinja',
    number: '10a',
    title: 'site.yaml in Jinja, nothing to change',
    prepare: () => must(argv('native'), { cwd: root }),
    contestants: inBoth((language) => ({
      argv: argv(language),
      check: recap({ hosts: 4, ok: 15, changed: 0 }),
    })),
    goals: [atMost(1.1, 'play-native', '1.1', 'play-jinja')],
  }
}

const HOSTS = 100

/** All hosts' files are made here, so that no connections are measured; what is there already is what both must make. */
function template({ play, root, scratch }) {
  const folder = join(scratch, 'template')
  const inventory = join(folder, 'hosts.yaml')
  const made = join(folder, 'made')
  const argv = (language) => [
    ...play,
    join('bench/template', language, 'site.yaml'),
    ...['-i', inventory, '-e', `folder=${made}`, '--forks', '50', '--no-lock'],
  ]
  return {
    name: 'template-jinja',
    number: '10b',
    title: `${HOSTS} hosts × a template of 300 lines`,
    prepare() {
      mkdirSync(made, { recursive: true })
      const hosts = Array.from({ length: HOSTS }, (_, n) => `    host${n}:`)
      writeFileSync(inventory, `all:\n  hosts:\n${hosts.join('\n')}\n`)
      must(argv('native'), { cwd: root })
    },
    contestants: inBoth((language) => ({
      argv: argv(language),
      check: recap({ hosts: HOSTS, ok: 1, changed: 0 }),
    })),
    goals: [atMost(2, 'play-native', '2', 'play-jinja')],
  }
}
