import { KEYWORDS, LOOKUPS, type Place } from './keyword-table.ts'

export const placedOn = (place: Place): readonly string[] =>
  Object.entries(KEYWORDS).flatMap(([name, { on }]) => (on.includes(place) ? [name] : []))

export const PLAY_KEYWORDS = placedOn('play')
/** What import_tasks passes on to each of its tasks. */
export const IMPORT_KEYWORDS = placedOn('import_tasks')
export const BLOCK_KEYWORDS = placedOn('block')
export const INCLUDE_KEYWORDS = placedOn('include_tasks')
export const TASK_KEYWORDS = placedOn('task')
export const HANDLER_KEYWORDS = placedOn('handler')
export const META_KEYWORDS = placedOn('meta')
export const IMPORT_PLAYBOOK_KEYWORDS = placedOn('import_playbook')

/** Words of Ansible that `play` does not take, and what to write instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  become_exe: 'leave it out: play runs the sudo or su that it finds on the host',
  become_flags: 'leave it out: play gives sudo and su the flags that it needs (-H, -n or -S)',
  debugger:
    'leave it out: no debugger stops a run here; -vvv shows what each task was given and what it said',
  include: 'write import_tasks (read at once) or include_tasks (read when reached)',
  sudo: 'write become: true',
  sudo_user: 'write become: true and become_user:',
  su: 'write become: true',
  su_user: 'write become: true and become_user:',
  user: 'write remote_user on the play, or become_user',
}

/** The same for a keyword that only some places take. */
const MISPLACED: Readonly<Record<string, string>> = {
  when: 'put it on the tasks, on a block around them, or on import_playbook',
  delegate_to: 'put it on the tasks or on a block around them',
  order: 'put it on the play',
  max_fail_percentage: 'put it on the play',
  vars_prompt: 'put it on the play',
  gather_subset: 'put it on the play, or give it to a task with setup:',
  throttle: 'put it on the tasks or on a block around them',
  delegate_facts: 'put it beside delegate_to',
  async: 'put it on a task',
  poll: 'put it on a task, beside async',
  gather_facts: 'put it on the play',
  vars_files: 'put it on the play',
  serial: 'put it on the play',
  force_handlers: 'put it on the play',
  strategy: 'put it on the play',
  handlers: 'put it on the play',
  hosts: 'put it on the play; a task goes elsewhere with delegate_to',
  listen: 'only a handler listens; a task notifies',
  import_playbook: 'put it at the top level of the playbook, beside the plays',
  rescue: 'put it beside block, at the same indentation',
  always: 'put it beside block, at the same indentation',
  loop: 'put it on a task, or on include_tasks of a file that holds them',
  register: 'put it on a task',
  notify: 'put it on a task',
}

/** The modules of Ansible that have another name here. */
const RENAMED: Readonly<Record<string, string>> = {
  apt_key: 'apt_repo',
  postgresql_copy: 'sql',
  postgresql_idx: 'sql',
  postgresql_sequence: 'sql',
}

/** What to write in place of a word that Ansible knows. `undefined` for a word it does not know either. */
export function insteadOf(word: string): string | undefined {
  const bare = unqualified(word)
  if (/^with_/.test(bare)) return `the loops are loop, ${LOOKUPS.map((name) => `with_${name}`).join(', ')}`
  return Object.hasOwn(ELSEWHERE, bare) ? ELSEWHERE[bare] : undefined
}

export const rightPlaceOf = (word: string): string | undefined =>
  Object.hasOwn(MISPLACED, word) ? MISPLACED[word] : undefined

/** The name here of one of Ansible's modules, collection names included. */
export function renamedModule(word: string): string | undefined {
  const bare = word.slice(word.lastIndexOf('.') + 1)
  return Object.hasOwn(RENAMED, bare) ? RENAMED[bare] : undefined
}

/** Collections, and what of them is here (community.postgresql was part of community.general once). */
const COLLECTION =
  /^(ansible\.(builtin|legacy)\.|community\.(postgresql|general)\.(?=postgresql_)|community\.general\.(?=locale_gen$)|ansible\.posix\.(?=sysctl$))/

/** `ansible.builtin.command` is our `command`; other collections keep their name, so that they are not taken for ours. */
export const unqualified = (word: string): string => word.replace(COLLECTION, '')

/** The key of a task that is this word, with or without its collection. */
export const keyOf = (value: Readonly<Record<string, unknown>>, word: string): string | undefined =>
  Object.keys(value).find((key) => unqualified(key) === word)
