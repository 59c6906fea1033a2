import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { requireKnown } from '../../files/shared/inspect.ts'
import { oneLine, pathOf } from './spelling.ts'

/** A setting that the kernel is to have. */
export interface Wish {
  name: string
  value: string
  /** A kernel that does not have it is left alone. */
  mayFail: boolean
  /** Whose line it is, for errors; undefined: the task's own. */
  line?: { number: number; file: string }
}
export interface Found extends Wish {
  path: string
  /** What the kernel has now, words parted by single spaces. */
  before: string
}

/**
 * What the kernel has of settings. Those that it does not have, and need not, are left out.
 * @throws {Refusal} where it has none of that name, or none that can be set here
 */
export async function inspectKernel(host: HostReader, wishes: readonly Wish[]): Promise<Found[]> {
  const stats = await Promise.all(wishes.map(({ name }) => host.stat(pathOf(name))))
  const there = wishes.filter((wish, at) => {
    const stat = stats[at]
    if (stat?.type === 'file' && /^0[67]/.test(stat.mode)) return true
    if (wish.mayFail) return false
    if (!stat) requireKnown(host, pathOf(wish.name))
    throw refusal(host, wish, stat?.type, stat?.mode)
  })
  const found = await Promise.all(
    there.map(async (wish) => {
      const path = pathOf(wish.name)
      return { ...wish, path, before: oneLine((await host.readFile(path))?.toString() ?? '') }
    }),
  )
  const differing = found.filter(isOtherwise)
  if (differing.length > 0) await requireWritable(host, differing)
  return found
}

export const isOtherwise = ({ before, value }: Found): boolean => before !== oneLine(value)

/** Containers see the settings of the machine that they run on, and most of these only to be read. */
async function requireWritable(host: HostReader, wishes: readonly Found[]): Promise<void> {
  const lines = (await host.readFile('/proc/self/mounts'))?.toString().split('\n') ?? []
  const mounts = lines.map((line) => line.split(' ')).map(([, at = '', , options = '']) => ({ at, options }))
  for (const { name, path } of wishes) {
    const above = mounts.filter(({ at }) => at !== '' && path.startsWith(`${at}/`))
    // The longest is the nearest; of two in one place the later one lies on top.
    const nearest = above.toSorted((one, other) => one.at.length - other.at.length).at(-1)
    if (nearest?.options.split(',').includes('ro'))
      throw new Refusal(
        `${nearest.at} is mounted read-only on ${host.name}, as in a container, so ${name} cannot be set there`,
        'Set it on the machine that the container runs on; `reload: false` without sysctl_set has it in the file alone.',
      )
  }
}

function refusal(host: HostReader, { name, line }: Wish, type?: string, mode?: string): Refusal {
  const where = line ? `line ${line.number} of ${line.file} sets ${name}: ` : ''
  const otherwise = line
    ? `The whole file is loaded: correct that line, put a - before it, or say \`reload: false\`.`
    : undefined
  if (type === undefined)
    return new Refusal(
      `${where}the kernel of ${host.name} has no setting '${name}'`,
      otherwise ??
        'Check its spelling (`sysctl -a` names them all), load the module of the kernel that has it, or say `ignoreerrors: true`.',
    )
  if (type !== 'file')
    return new Refusal(`${where}'${name}' is a folder of settings`, otherwise ?? 'Name one of those in it.')
  const can = /^0[4-7]/.test(mode!) ? 'read, and not set' : 'written, and not read'
  return new Refusal(
    `${where}the setting '${name}' of the kernel can only be ${can}`,
    otherwise ?? 'Leave it out; what is only to be written once is for `command: sysctl -w`.',
  )
}

/** Two ways to say the same: whichever is set, the kernel makes the other one 0 (admin-guide/sysctl/vm.rst of Linux). */
const EITHER_OR = [
  ['/proc/sys/vm/dirty_bytes', '/proc/sys/vm/dirty_ratio'],
  ['/proc/sys/vm/dirty_background_bytes', '/proc/sys/vm/dirty_background_ratio'],
  ['/proc/sys/vm/overcommit_kbytes', '/proc/sys/vm/overcommit_ratio'],
]

/** The path of the setting that becomes 0 where another one is set. */
export const resetBy = (path: string): string | undefined =>
  EITHER_OR.find((pair) => pair.includes(path))?.find((one) => one !== path)
