import type { Step } from '../../../contract/plan.ts'

/** What to do where a disk takes nothing, whoever was told so; undefined where that was not said. */
export function diskHint(why: string): string | undefined {
  if (/No space left on device/.test(why))
    return 'The disk is full: free space there (`df -h`; `df -i` where only its inodes are used up), then run again.'
  if (/Read-only file system/.test(why))
    return 'The file system is mounted read-only: `dmesg` says why where the kernel did that after an error.'
  return undefined
}

/** What to do where a user may not, whether he reads or writes. */
export const rightsHint = (why: string): string | undefined =>
  /Permission denied|Operation not permitted/.test(why) ? 'Does the task need `become: true`?' : undefined

/** What to do about what the system said of a file. */
export function hintFor(why: string, step: Step['do']): string | undefined {
  const disk = diskHint(why)
  if (disk) return `${disk}${step === 'write_file' ? ' The old file is untouched.' : ''}`
  if (/a link of user|whose link leads there/.test(why))
    return 'Name the place that the link leads to, or remove the link.'
  if (/say which group it is to have/.test(why)) return 'Say `group`: root, or the group that may read it.'
  if (/say whose it is to be/.test(why)) return 'Say `owner`, or look who put it there.'
  if (/rights are not widened/.test(why))
    return 'Look whether it is the file that the task means: give it these rights by hand then, or write it with copy or template.'
  if (/another one than when it was read/.test(why)) return 'Look who changes that folder, then run again.'
  if (/No such file or directory/.test(why) && step === 'write_file')
    return 'Create its folder first: `file: { path: …, state: directory }`.'
  return rightsHint(why)
}
