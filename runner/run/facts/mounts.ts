import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'

/** What is mounted from a device or a server; sizes are bytes. Where the host was not asked for them (facts-script.ts) they are left out. */
export const mountsOf = (found: Found): Vars[] =>
  found.lines('mounts').map((line) => {
    const [device, mount, fstype, options, dump, passno, bound, uuid, ...sizes] = line.split(' ')
    return {
      ...{ device: plain(device!), mount: plain(mount!), fstype },
      options: bound === '1' ? `${options},bind` : options,
      ...{ dump: Number(dump), passno: Number(passno), uuid: uuid === '-' ? 'N/A' : uuid },
      ...(sizes.length > 0 ? sizeFacts(sizes.map(Number)) : {}),
    }
  })

/** statfs(2): f_bsize, f_blocks, f_bavail, f_files, f_ffree, f_frsize. */
function sizeFacts(sizes: number[]): Vars {
  const [size, blocks, available, inodes, free, unit] = sizes as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return {
    ...{ size_total: blocks * unit, size_available: available * unit },
    ...{ block_size: size, block_total: blocks, block_available: available, block_used: blocks - available },
    ...{ inode_total: inodes, inode_available: free, inode_used: inodes - free },
  }
}

/** Blanks are written in octal digits (fstab(5)). */
const plain = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
