import * as z from 'zod'
import { textOf } from '../../contract/bytes.ts'
import { Refusal } from '../../contract/errors.ts'
import { canonicalAddress, ipVersion } from '../../contract/ip.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, list, param, text } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'

const name = text({
  expected: 'a host name',
  fits: /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?$/,
})
const address = text({ expected: 'an IP address' }).refine((value) => ipVersion(value) !== 0, {
  error: 'expected an IP address',
})

const params = z.strictObject({
  address: param(address, 'Where the names lead to.', { example: '10.0.0.11' }),
  names: list(name, { min: 1 }).meta({ description: 'The names of that address.', example: ['db1'] }),
  state: choice('present', 'absent')
    .default('present')
    .meta({ description: '`absent`: no line says that these names lead there.' }),
})
type Params = z.infer<typeof params>

const FILE = '/etc/hosts'

/** One line of the file: an address and its names, which the resolver reads in any case (hosts(5), RFC 4343). */
interface Line {
  address: string
  names: string[]
}
const hasName = (names: readonly string[], one: string): boolean =>
  names.some((name) => name.toLowerCase() === one.toLowerCase())

const isSame = (one: string, other: string): boolean =>
  canonicalAddress(one) === canonicalAddress(other) && zoneOf(one) === zoneOf(other)
const zoneOf = (address: string): string | undefined => address.split('%')[1]

export const hostsEntryModule = defineModule<Params, string | null>({
  name: 'hosts_entry',
  summary: 'One address and its names in /etc/hosts; every other line stays as it is',
  params,
  async inspect(host) {
    const content = await host.readFile(FILE)
    return content && textOf(content)
  },
  plan(content, given): Plan {
    const before = content ?? ''
    const after = given.state === 'present' ? withNames(before, given) : withoutNames(before, given)
    if (after === before) return { changes: [], steps: [] }
    const said = `${given.address} ${given.names.join(' ')}`
    const is = given.state === 'present'
    return {
      changes: [{ path: `${FILE} ${said}`, before: is ? null : 'present', after: is ? 'present' : null }],
      steps: [{ do: 'write_file', title: FILE, path: FILE, content: after, keeps: true }],
    }
  },
})

/** @throws {Refusal} where somebody else's line says that a name leads elsewhere: it would be shadowed, or shadow this one */
function withNames(content: string, { address, names }: Params): string {
  const lines = content.split('\n').map(parse)
  const family = ipVersion(address)
  for (const [index, line] of lines.entries()) {
    const other = line && ipVersion(line.address) === family && !isSame(line.address, address)
    const taken = other ? names.filter((one) => hasName(line.names, one)) : []
    if (taken.length > 0)
      throw new Refusal(
        `line ${index + 1} of ${FILE} says that ${taken.join(', ')} leads to ${line!.address}, not to ${address}`,
        'The first line that names a host counts. Change that line by hand if it is wrong, or leave the name out here.',
      )
  }
  const known = lines.flatMap((line) => (line && isSame(line.address, address) ? line.names : []))
  const lacking = names.filter((one) => !hasName(known, one))
  if (lacking.length === 0) return content
  const end = content === '' || content.endsWith('\n') ? '' : '\n'
  return `${content}${end}${address}\t${lacking.join(' ')}\n`
}

const withoutNames = (content: string, { address, names }: Params): string =>
  content
    .split('\n')
    .flatMap((text) => {
      const line = parse(text)
      if (!line || !isSame(line.address, address) || !names.some((one) => hasName(line.names, one)))
        return [text]
      const left = line.names.filter((one) => !hasName(names, one))
      const at = text.indexOf('#')
      const comment = at < 0 ? '' : ` ${text.slice(at)}`
      return left.length === 0 ? [] : [`${line.address}\t${left.join(' ')}${comment}`]
    })
    .join('\n')

function parse(text: string): Line | null {
  const [address, ...names] = text.replace(/#.*/, '').trim().split(/\s+/)
  return address && names.length > 0 ? { address, names } : null
}
