import { count, flag, readFlag } from './types.ts'

const nocolor = flag({
  summary: 'No colours. NO_COLOR counts whatever it holds.',
  unset: 'colours on a terminal',
  ansible: 'ANSIBLE_NOCOLOR',
  ini: ['defaults.nocolor'],
  env: ['ANSIBLE_NOCOLOR', 'NO_COLOR'],
  option: '--no-color',
  given: ({ color }) => (color === undefined ? undefined : !color),
  default: false,
})

/** What is shown, and how. */
export const DISPLAY = {
  verbosity: count(0, 10, {
    summary: 'So many -v; from 4 on all is shown.',
    ansible: 'DEFAULT_VERBOSITY',
    ini: ['defaults.verbosity'],
    env: ['ANSIBLE_VERBOSITY'],
    option: '-v',
    given: ({ verbose }) => verbose,
    default: 0,
  }),
  diff: flag({
    summary: 'Show changes in files line by line.',
    ansible: 'DIFF_ALWAYS',
    ini: ['diff.always'],
    env: ['ANSIBLE_DIFF_ALWAYS'],
    option: '-D',
    given: ({ diff }) => diff,
    default: false,
  }),
  display_ok_hosts: flag({
    summary: 'Show hosts on which nothing changes.',
    ini: ['defaults.display_ok_hosts'],
    env: ['ANSIBLE_DISPLAY_OK_HOSTS'],
    default: true,
  }),
  display_skipped_hosts: flag({
    summary: 'Show hosts that leave a task out.',
    ansible: 'DISPLAY_SKIPPED_HOSTS',
    ini: ['defaults.display_skipped_hosts'],
    env: ['ANSIBLE_DISPLAY_SKIPPED_HOSTS'],
    default: true,
  }),
  force_color: flag({
    summary: 'Colours even where it is no terminal; stands above `nocolor`.',
    ansible: 'ANSIBLE_FORCE_COLOR',
    ini: ['defaults.force_color'],
    env: ['ANSIBLE_FORCE_COLOR'],
    option: '--color',
    given: ({ color }) => color,
    default: false,
  }),
  nocolor: {
    ...nocolor,
    read: (raw: unknown, { variable }: Parameters<typeof nocolor.read>[1]) =>
      variable === 'NO_COLOR' || readFlag(raw),
  },
}
