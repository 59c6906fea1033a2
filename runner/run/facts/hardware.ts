import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'

/** Processors, memory, and what the firmware says of the machine. */
export const hardwareFacts = (found: Found, machine: string): Vars => ({
  ...processorFacts(found, machine),
  ...memoryFacts(found),
  ...firmwareFacts(found),
})

/** As Ansible counts /proc/cpuinfo. */
function processorFacts(found: Found, machine: string): Vars {
  const processor: string[] = []
  const sockets = new Map<string, number>()
  const siblings = new Map<string, number>()
  const times = { vendor_id: 0, 'model name': 0, processor: 0 }
  let socket = '0'
  let core = '0'
  for (const line of found.lines('cpus')) {
    const [key, value] = [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]
    if (/^(model name|Processor|vendor_id|cpu|Vendor|processor)$/.test(key)) processor.push(value)
    if (key in times) times[key as keyof typeof times] += 1
    if (key === 'physical id') {
      socket = value
      if (!sockets.has(socket)) sockets.set(socket, 1)
    } else if (key === 'core id') {
      core = value
      if (!siblings.has(core)) siblings.set(core, 1)
    } else if (key === 'cpu cores') sockets.set(socket, Number(value))
    else if (key === 'siblings') siblings.set(core, Number(value))
  }
  const nproc = countOf(/^Cpus_allowed_list:\s*(\S+)/m.exec(found.text('/proc/self/status'))?.[1] ?? '0')
  // On others than PCs the lines do not say which belong together.
  const alone = /^(arm|aarch|ppc|riscv)/.test(machine) || times.vendor_id !== times['model name']
  const count = sockets.size > 0 ? sockets.size : (alone ? times.processor : times.vendor_id) || nproc
  const cores = [...sockets.values()][0] || 1
  const threads = Math.floor(([...siblings.values()][0] ?? 1) / cores) || 1
  return {
    ...(processor.length > 0 ? { processor } : {}),
    processor_count: count,
    processor_cores: cores,
    processor_threads_per_core: threads,
    processor_vcpus: count * cores * threads,
    processor_nproc: nproc,
  }
}

/** How many a list such as `0-2,5` names (cpuset(7)). */
const countOf = (list: string): number =>
  list.split(',').reduce((sum, part) => {
    const [first, last = first] = part.split('-').map(Number) as [number, number?]
    return sum + (last - first + 1)
  }, 0)

/** In MB, of 1024 × 1024 bytes. */
function memoryFacts(found: Found): Vars {
  const text = found.text('/proc/meminfo')
  const of = (key: string) =>
    Math.floor(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024)
  const [total, free] = [of('MemTotal'), of('MemFree')]
  const swap = { total: of('SwapTotal'), free: of('SwapFree'), cached: of('SwapCached') }
  const unused = free + of('Cached') + of('Buffers')
  return {
    memtotal_mb: total,
    memfree_mb: free,
    swaptotal_mb: swap.total,
    swapfree_mb: swap.free,
    memory_mb: {
      real: { total, used: total - free, free },
      nocache: { free: unused, used: total - unused },
      swap: { ...swap, used: swap.total - swap.free },
    },
  }
}

/** Fact → file of /sys/class/dmi/id. */
const FIRMWARE = {
  ...{ bios_date: 'bios_date', bios_vendor: 'bios_vendor', bios_version: 'bios_version' },
  ...{ board_asset_tag: 'board_asset_tag', board_name: 'board_name', board_serial: 'board_serial' },
  ...{ board_vendor: 'board_vendor', board_version: 'board_version' },
  ...{ chassis_asset_tag: 'chassis_asset_tag', chassis_serial: 'chassis_serial' },
  ...{ chassis_vendor: 'chassis_vendor', chassis_version: 'chassis_version', form_factor: 'chassis_type' },
  ...{ product_name: 'product_name', product_serial: 'product_serial', product_uuid: 'product_uuid' },
  ...{ product_version: 'product_version', system_vendor: 'sys_vendor' },
}

/** System Management BIOS, 7.4.1: types of chassis, from 1. */
const CHASSIS = (
  'Other|Unknown|Desktop|Low Profile Desktop|Pizza Box|Mini Tower|Tower|Portable|Laptop|Notebook|Hand Held|Docking Station|' +
  'All In One|Sub Notebook|Space-saving|Lunch Box|Main Server Chassis|Expansion Chassis|Sub Chassis|Bus Expansion Chassis|' +
  'Peripheral Chassis|RAID Chassis|Rack Mount Chassis|Sealed-case PC|Multi-system|CompactPCI|AdvancedTCA|Blade|Blade Enclosure|' +
  'Tablet|Convertible|Detachable|IoT Gateway|Embedded PC|Mini PC|Stick PC'
).split('|')

/** NA is Ansible's word for what is not there, or not to be read by this user. */
function firmwareFacts(found: Found): Vars {
  const of = ([fact, file]: [string, string]) => {
    const said = found.word(`dmi ${file}`)
    const value = file === 'chassis_type' ? CHASSIS[Number(said) - 1] : said
    return [fact, value || 'NA']
  }
  return Object.fromEntries(Object.entries(FIRMWARE).map(of))
}
