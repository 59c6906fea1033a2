import { readdirSync, readFileSync } from 'node:fs'

/** Numbers of the processes of this machine that are as is asked. */
export function processes(is: (one: { parent: number; command: string }) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
        return is({ parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') })
      } catch {
        // It has ended meanwhile.
        return false
      }
    })
}
