import { createHash } from 'node:crypto'
import { Refusal } from '../../../contract/errors.ts'

const SECRET_KEY = 5
const PUBLIC_KEY = 6
const SECRET_SUBKEY = 7
/** Signatures, subkeys, user IDs, trust, user attributes, markers, padding: what a public key comes with (RFC 9580, 10.1). */
const BELONGINGS = [2, 10, 12, 13, 14, 17, 21]

export interface PublicKeys {
  /** Of each primary key, upper-case hex: 40 digits for version 4, 64 for 5 and 6. */
  fingerprints: string[]
  armored: boolean
  /** The packets: all that was looked at, and nothing else. */
  bytes: Buffer
}

/** The last files that were read, by what is in them: many hosts have one key. */
const lately: { file: Buffer; keys: PublicKeys }[] = []
const MOST_LATELY = 8

/**
 * The primary keys in an OpenPGP file, armoured or binary (RFC 9580). Whatever is no plain public key is refused, so
 * that nothing can be in the file which another reader would take for a further key.
 * @throws {Refusal} where it is no public key, or holds a private one
 */
export function readPublicKeys(file: Buffer, from: string): PublicKeys {
  const known = lately.find((one) => one.file.equals(file))
  if (known) return known.keys
  const keys = parsePublicKeys(file, from)
  lately.unshift({ file, keys })
  lately.length = Math.min(lately.length, MOST_LATELY)
  return keys
}

function parsePublicKeys(file: Buffer, from: string): PublicKeys {
  const armored = /^\s*-----BEGIN PGP /.test(file.subarray(0, 4096).toString('latin1'))
  const bytes = armored ? dearmor(file.toString('latin1'), from) : file
  const packets = readPackets(bytes, from)
  if (packets.some(({ tag }) => tag === SECRET_KEY || tag === SECRET_SUBKEY)) {
    throw new Refusal(`${from} holds a private key`, 'export the public one: gpg --armor --export')
  }
  const odd = packets.find(({ tag }) => tag !== PUBLIC_KEY && !BELONGINGS.includes(tag))
  if (odd) throw noKey(from, `it holds a packet of type ${odd.tag}`)
  if (packets[0]?.tag !== PUBLIC_KEY) throw noKey(from, 'it does not begin with a public key')
  return {
    fingerprints: packets.filter(({ tag }) => tag === PUBLIC_KEY).map(({ body }) => fingerprint(body, from)),
    armored,
    bytes,
  }
}

const noKey = (from: string, why: string): Refusal =>
  new Refusal(
    `${from} is no OpenPGP public key: ${why}`,
    'open it and see whether it is the key file, or an error page',
  )

/** Of a version 4, 5 or 6 public key packet (RFC 9580, 5.5.4). */
function fingerprint(body: Buffer, from: string): string {
  const version = body[0]
  if (version === 4) {
    const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff])
    return createHash('sha1').update(head).update(body).digest('hex').toUpperCase()
  }
  if (version === 5 || version === 6) {
    const head = Buffer.alloc(5)
    head[0] = version === 5 ? 0x9a : 0x9b
    head.writeUInt32BE(body.length, 1)
    return createHash('sha256').update(head).update(body).digest('hex').toUpperCase()
  }
  throw new Refusal(`${from} holds an OpenPGP key of version ${version}, and play knows 4, 5 and 6`)
}

function readPackets(bytes: Buffer, from: string): { tag: number; body: Buffer }[] {
  const packets: { tag: number; body: Buffer }[] = []
  let at = 0
  const take = (count: number): Buffer => {
    if (at + count > bytes.length) throw noKey(from, 'it is cut short')
    at += count
    return bytes.subarray(at - count, at)
  }
  while (at < bytes.length) {
    const head = take(1)[0]!
    if ((head & 0x80) === 0) throw noKey(from, `byte ${at} begins no packet`)
    const modern = (head & 0x40) !== 0
    const tag = modern ? head & 0x3f : (head >> 2) & 0x0f
    const length = modern
      ? modernLength(take)
      : [1, 2, 4].includes(1 << (head & 3))
        ? take(1 << (head & 3)).readUIntBE(0, 1 << (head & 3))
        : undefined
    if (length === undefined) throw noKey(from, 'it holds a packet of unknown length')
    packets.push({ tag, body: take(length) })
  }
  return packets
}

/** RFC 9580, 4.2.1; partial lengths are for data, not for keys. */
function modernLength(take: (count: number) => Buffer): number | undefined {
  const first = take(1)[0]!
  if (first < 192) return first
  if (first < 224) return ((first - 192) << 8) + take(1)[0]! + 192
  return first === 255 ? take(4).readUInt32BE(0) : undefined
}

/** RFC 9580, 6.2. One block, with nothing around it. */
function dearmor(text: string, from: string): Buffer {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
  if (lines[0] === '-----BEGIN PGP PRIVATE KEY BLOCK-----') {
    throw new Refusal(`${from} holds a private key`, 'export the public one: gpg --armor --export')
  }
  if (lines[0] !== '-----BEGIN PGP PUBLIC KEY BLOCK-----') throw noKey(from, `it begins with '${lines[0]}'`)
  const end = lines.indexOf('-----END PGP PUBLIC KEY BLOCK-----')
  if (end === -1) throw noKey(from, 'its last line is missing')
  if (end !== lines.length - 1)
    throw new Refusal(`${from} holds more than one block`, 'put each key into a file of its own')
  const body = lines.slice(1, end)
  // Headers such as `Comment: …` end at the first empty line; the last line may be a checksum.
  const blank = body.indexOf('')
  const headers = body.slice(0, Math.max(0, blank))
  if (blank < 0 || headers.some((line) => !/^[A-Za-z]+: /.test(line)))
    throw noKey(from, 'no empty line parts its headers from its text')
  const encoded = body.slice(blank + 1)
  const sum = /^=[A-Za-z0-9+/]{4}$/.test(encoded.at(-1) ?? '') ? encoded.pop() : undefined
  const bytes = decode(encoded, from)
  if (sum !== undefined && sum !== checksum(bytes)) throw noKey(from, 'its checksum is wrong')
  return bytes
}

/**
 * Base64 as every decoder reads it: nothing but its letters, padding at the very end alone, no bits left over. Where
 * decoders disagree, one sees a further key that another does not.
 */
function decode(lines: readonly string[], from: string): Buffer {
  if (lines.includes('')) throw noKey(from, 'an empty line stands in its text')
  const text = lines.join('')
  const bytes = Buffer.from(text, 'base64')
  if (text === '' || bytes.toString('base64') !== text) throw noKey(from, 'its text is no clean base64')
  return bytes
}

/** The same bytes with armour around them, as gpg writes it. */
export function armor(bytes: Buffer): Buffer {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} PGP PUBLIC KEY BLOCK-----`)
  return Buffer.from([begin, '', ...lines, checksum(bytes), end, ''].join('\n'))
}

/** CRC-24 (RFC 4880, 6.1), as its line has it. */
function checksum(bytes: Buffer): string {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1
      if (crc & 0x1000000) crc ^= 0x1864cfb
    }
  }
  return `=${Buffer.from([crc >> 16, crc >> 8, crc].map((part) => part & 0xff)).toString('base64')}`
}
