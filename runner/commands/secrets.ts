import type { Entry, Located, Play, Task } from '../load/types.ts'
import { isMapping } from '../load/yaml.ts'
import type { Masker } from '../report/mask.ts'
import type { Input } from './input.ts'

/**
 * Makes what are secrets by their names known to the masker before anything is printed, wherever they are written: in
 * the inventory, -e, and the plays. What templates, files and hosts bring later is made known as it comes (run/).
 */
export function learnSecrets(masker: Masker, { extraVars, inventory, plays }: Input): void {
  masker.learn(extraVars)
  for (const host of inventory.hosts.values()) masker.learn(host.vars)
  for (const play of plays) learnPlay(masker, play)
}

function learnPlay(masker: Masker, play: Play): void {
  masker.learn(play.vars)
  learnEnvironment(masker, play.environment)
  for (const { entries } of play.sections) learnEntries(masker, entries)
  learnEntries(masker, play.handlers)
}

function learnEntries(masker: Masker, entries: readonly Entry[]): void {
  for (const entry of entries) {
    masker.learn(entry.vars)
    learnEnvironment(masker, entry.environment)
    if (entry.kind === 'task') learnTask(masker, entry)
    else if (entry.kind === 'include') learnEntries(masker, entry.entries ?? [])
    else if (entry.kind === 'block')
      for (const part of [entry.block, entry.rescue, entry.always]) learnEntries(masker, part)
  }
}

function learnTask(masker: Masker, { args, loop }: Task): void {
  masker.learn(args.value)
  if (loop) masker.learn({ loop: loop.value })
}

/** What a template makes is learned when it is rendered. */
function learnEnvironment(masker: Masker, environment: Located | undefined): void {
  for (const part of [environment?.value].flat()) if (isMapping(part)) masker.learn(part)
}
