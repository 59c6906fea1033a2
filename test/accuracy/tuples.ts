import { generator, pickFrom } from './random.ts'
import { machine } from './subjects/machine.ts'
import { server } from './subjects/server.ts'
import type { Move, Subject } from './subjects/subject.ts'

/** A few tasks, one after the other, that touch the same thing. */
export interface Tuple {
  /** `role#3`; with the seed it says which tasks these are. */
  name: string
  subject: Subject
  start: string
  moves: readonly Move[]
}

export const subjects: readonly Subject[] = [...machine, ...server]

/** So many tuples of two to four tasks, over all subjects in turn: the same seed names the same ones. */
export function tuplesOf(count: number, seed: number): Tuple[] {
  return Array.from({ length: count }, (_, at) => {
    const subject = subjects[at % subjects.length]!
    const next = generator(`tuple/${seed}/${at}`)
    const size = 2 + Math.floor(next() * 3)
    const moves = Array.from({ length: size }, () => pickFrom(subject.moves, next))
    return { name: `${subject.name}#${at}`, subject, start: pickFrom(subject.starts, next), moves }
  })
}

/** Whether a second run has nothing to change: no task undoes what another did. */
export function isSettled(moves: readonly Move[]): boolean {
  const wanted = new Map<string, string>()
  for (const { wants, always } of moves) {
    if (always) return false
    for (const [aspect, value] of Object.entries(wants)) {
      if ((wanted.get(aspect) ?? value) !== value) return false
      wanted.set(aspect, value)
    }
  }
  return true
}

/** Each task stands for itself, whatever becomes of the others. */
export const playbookOf = ({ moves }: Tuple, host: string): string => `- hosts: ${host}
  become: true
  gather_facts: false
  tasks:
${moves.map(({ task }, at) => `    - { name: ${JSON.stringify(`${at + 1} ${task}`)}, ignore_errors: true, ${task} }\n`).join('')}`
